"""Export profile for an operator with a national mandate: the registered vocabulary of ETSI TS 119 612.

A Member State may list attestations that are not qualified in its trusted list, with the service type and the two
statuses that the standard keeps for national services (5.5.1.2, 5.5.4). Only who was given that task may use them,
so nothing does by default.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from registry.domain.recognition import Status
from registry.domain.trust_list import SchemeInfo
from registry.publishers.lote_common import Wire

_STATUS = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"


@dataclass(frozen=True, slots=True)
class NationalMandate:
    """URIs that an operator with a mandate lists under; those of the standard by default."""

    service_type: str = "http://uri.etsi.org/TrstSvc/Svctype/EAA"
    recognised: str = _STATUS + "recognisedatnationallevel"
    deprecated: str = _STATUS + "deprecatedatnationallevel"

    def services(self, services: Sequence[Any], scheme: SchemeInfo) -> list[Wire]:
        """Return services in the words of the mandate; one that was never recognized is left out.

        There are two statuses only, so neighbours that become equal are one, from the start of the older.
        """
        recognized = {scheme.status_uri(status) for status in Status if status.is_recognized}
        told = (self._service(service, recognized) for service in services)
        return [service for service in told if service is not None]

    def _service(self, service: Any, recognized: set[str]) -> Wire | None:
        """Return one service: present and past states, oldest first, told anew."""
        states: list[dict[str, Any]] = []
        information = service["ServiceInformation"]
        for state in (*reversed(service.get("ServiceHistory", ())), information):
            status = self.recognised if state["ServiceStatus"] in recognized else self.deprecated
            if not states and status == self.deprecated:
                continue
            told = {**state, "ServiceTypeIdentifier": self.service_type, "ServiceStatus": status}
            if states and states[-1]["ServiceStatus"] == status:
                told["StatusStartingTime"] = states.pop()["StatusStartingTime"]
            states.append(told)
        if not states:
            return None
        *past, present = states
        history = {"ServiceHistory": past[::-1]} if past else {}
        return {"ServiceInformation": present, **history}
