"""Letters to people: handed to a mail server, or written to files where none is set."""

import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from registry.errors import RegistryError


class MailNotSent(RegistryError):
    """The mail server did not take a letter; it is tried again later."""


class Mailer(Protocol):
    """Hands letters out."""

    def send(self, name: str, letter: EmailMessage) -> None:
        """Send a letter; `name` is its own, so that a repeated sending can be told.

        Raises:
            MailNotSent: it could not be handed over now.
        """


class FileMailer:
    """Writes each letter to a file below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, name: str, letter: EmailMessage) -> None:
        """Write `NAME.eml`."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / f"{name}.eml").write_bytes(letter.as_bytes())


class SmtpMailer:
    """Hands letters to a mail server, with STARTTLS where it offers that."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self.host, self.port, self.sender = parts.hostname or "localhost", parts.port or 25, sender

    def send(self, name: str, letter: EmailMessage) -> None:
        """Hand the letter over; its Message-ID carries its name, so that a second copy can be told."""
        letter["From"] = self.sender
        letter["Message-ID"] = f"<{name}@{self.sender.rpartition('@')[2]}>"
        try:
            with smtplib.SMTP(self.host, self.port, timeout=10) as server:
                if server.has_extn("starttls"):
                    server.starttls()
                server.send_message(letter)
        except (OSError, smtplib.SMTPException) as error:
            raise MailNotSent(
                f"the mail server {self.host}:{self.port} did not take a letter: {error}"
            ) from error


def mailer(smtp_url: str, folder: Path, base_url: str) -> Mailer:
    """Return a mailer to the server that `smtp_url` names, else one that writes below `folder`."""
    if smtp_url:
        return SmtpMailer(smtp_url, f"registry@{urlsplit(base_url).hostname or 'localhost'}")
    return FileMailer(folder)
