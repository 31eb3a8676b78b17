"""Changes in customers' Azure environments. Surety records every change. Watch rules decide which changes are caught.
People review the caught changes.
"""
