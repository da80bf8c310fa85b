"""What pages and API share: transaction, who may call what, sessions, errors as answers, security headers."""
