"""List texts of other packages that say why a subscription or directory could not be read. Reports print these texts.

The list makes the texts translatable. A test compares the list with the texts of the other packages.
"""

from typing import Final

from django.utils.translation import gettext_noop

TEXTS: Final = (
    gettext_noop(
        "This directory does not exist in this cloud. Check the directory (tenant) id and the cloud."
    ),
    gettext_noop("The directory id is not valid. Check the directory (tenant) id and the cloud."),
    gettext_noop("This directory belongs to another cloud. Correct the cloud of the directory."),
    gettext_noop(
        "The directory does not know this application. Check the application (client) id and the directory."
    ),
    gettext_noop(
        "The application has no service principal here. Create it: az ad sp create --id <client id>."
    ),
    gettext_noop("The application is disabled. Enable it under Enterprise applications."),
    gettext_noop(
        "The secret is wrong. Enter the secret's value, not its id, or create a new one under Certificates & "
        "secrets."
    ),
    gettext_noop(
        "The secret has expired. Create a new secret under Certificates & secrets, and enter it here."
    ),
    gettext_noop("Entra received neither a secret nor a certificate. Enter one of them."),
    gettext_noop(
        "This certificate is not registered for the application or has expired. Upload its public part under "
        "Certificates & secrets."
    ),
    gettext_noop(
        "The certificate is expired or not yet valid. Create a new one. Upload its public part under "
        "Certificates & secrets."
    ),
    gettext_noop(
        "The signed assertion is expired or not yet valid. Check this server's clock and the certificate's "
        "dates."
    ),
    gettext_noop("The signed assertion is for another cloud. Check the cloud's endpoints."),
    gettext_noop("Entra could not read the signed assertion. The key must be RSA."),
    gettext_noop(
        "No federated credential of the application fits the token. Compare issuer, subject and audience "
        "under App registrations › Certificates & secrets › Federated credentials. A new federated credential"
        " works after some minutes."
    ),
    gettext_noop(
        "No federated credential of the application has the issuer of the token. Compare issuer, subject and audience "
        "under App registrations › Certificates & secrets › Federated credentials. A new federated credential"
        " works after some minutes."
    ),
    gettext_noop(
        "No federated credential of the application has the audience of the token. Compare issuer, subject and audience"
        " under App registrations › Certificates & secrets › Federated credentials. A new federated credential"
        " works after some minutes."
    ),
    gettext_noop(
        "No federated credential of the application has the subject of the token. Compare issuer, subject and audience "
        "under App registrations › Certificates & secrets › Federated credentials. A new federated credential"
        " works after some minutes."
    ),
    gettext_noop(
        "The federated credential and the token spell the subject differently in upper and lower case. Enter the "
        "subject in the federated credential exactly as the token has it."
    ),
    gettext_noop("The application has no federated credential. Add one that fits the token."),
    gettext_noop(
        "Microsoft blocked this directory because nobody used it. An administrator must soon ask Microsoft's "
        "support to reactivate it."
    ),
    gettext_noop(
        "Entra could not verify the token of the federated identity. The issuer of the token must publish its keys on"
        " the Internet."
    ),
    gettext_noop(
        "A token that Entra itself issued cannot be a federated identity. Use the token of another issuer."
    ),
    gettext_noop(
        "A Conditional Access policy for workload identities blocks this application. Exclude it from the "
        "policy."
    ),
    gettext_noop(
        "The network of this installation allows sign-ins only to other directories (tenant restrictions). "
        "Allow this directory at the proxy of the network."
    ),
    gettext_noop(
        "Entra does not permit this application to request tokens in this way. Register another application for "
        "Surety."
    ),
    gettext_noop("The requested API is unknown in this directory. Check the cloud's endpoints."),
    gettext_noop("Entra rejected the requested scope. Check the cloud's endpoints."),
    gettext_noop("Entra rejected the sign-in. Look up the code at https://login.microsoftonline.com/error."),
    gettext_noop("Microsoft Entra was temporarily unable to sign the application in. Try again later."),
    gettext_noop(
        "The sign-in endpoint redirected to another host, so Surety did not sign in. Check the endpoint’s "
        "address."
    ),
    gettext_noop(
        "The sign-in endpoint's certificate is not trusted. Configure the cloud's CA and check for a TLS "
        "proxy."
    ),
    gettext_noop("The sign-in endpoint could not be reached. Check its address, the network and the proxy."),
    gettext_noop("The sign-in endpoint sent a malformed answer. Check its address."),
    gettext_noop(
        "The certificate is invalid. Enter the certificate and its unencrypted RSA private key as PEM text."
    ),
    gettext_noop("The service principal was removed. Register another one, then repeat the assessment."),
    gettext_noop(
        "The service principal is disabled. Enable it or register another one, then repeat the assessment."
    ),
    gettext_noop(
        "The workers that ran this unit stopped unexpectedly 5 times. Check their logs and memory limits, "
        "then retry the assessment."
    ),
    gettext_noop(
        "The organization’s service principal could not sign in. Ask an administrator of the organization to "
        "check it on the Lighthouse page."
    ),
    gettext_noop(
        "Azure Lighthouse delegates subscriptions, but not the directory, so Microsoft Graph cannot be read. "
        "To check the directory’s controls, add a service principal of this directory under Settings."
    ),
    gettext_noop(
        "No role is delegated for the whole subscription. If only resource groups are delegated, Azure’s "
        "lists are incomplete, so nothing was read. Ask the customer to delegate the role Reader on the "
        "subscription with Azure Lighthouse, then start an assessment."
    ),
)
