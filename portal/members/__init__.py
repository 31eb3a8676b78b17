"""Mail about access: invitations. The worker that mails an invitation makes its token."""
