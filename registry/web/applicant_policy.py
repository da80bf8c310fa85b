"""For the applicant: a newer version of the policy that the case may move to, where its transition rule offers that."""

import uuid

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.http.access import SIGNED_IN, allow
from registry.http.acting import acting
from registry.services import policy_transition
from registry.web.applicant import applicant
from registry.web.work import leads_back, posted_version


@applicant.post("/<uuid:application_id>/policy-version")
@allow(SIGNED_IN)
def move_policy(application_id: uuid.UUID) -> ResponseReturnValue:
    """Let the case move to the newer version."""
    with acting() as act:
        policy_transition.move_case(act.session, application_id, version=posted_version(), **act.by)
    flash(gettext("The case now comes under the newer version. Look through your evidence again."))
    return redirect(url_for("applicant.show", application_id=application_id), 303)


leads_back(applicant, "/<uuid:application_id>/policy-version", "applicant.show")
