"""Files inside JSON: the name they came with and their bytes in base64, for what goes together with words about it."""

import base64
import binascii

from marshmallow import fields, validate

from registry.api.schemas import Strict
from registry.errors import FieldError, InvalidInput

FILE_LIMIT = 1_000_000
"""Most characters of a file in base64; larger ones are handed in on the page."""


class EnclosedSchema(Strict):
    """A file: its name, and its bytes in base64."""

    name = fields.String(required=True, validate=validate.Length(1, 150))
    file = fields.String(required=True, validate=validate.Length(1, FILE_LIMIT))


def bytes_of(text: str, field: str = "file") -> bytes:
    """Return the bytes of a file.

    Raises:
        InvalidInput: it is not base64; the error is at `field`.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise InvalidInput(
            "the file is not base64", [FieldError(field, "send the file in base64")]
        ) from error
