"""Sign up, sign in, sign out, and a person's own account: language, password, sessions, tokens."""

import uuid
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from registry.errors import Conflict, InvalidInput
from registry.http.access import (
    PUBLIC,
    SIGNED_IN,
    allow,
    check_password,
    close_session,
    current_actor,
    open_session,
    signed_in_actor,
)
from registry.http.addresses import local_target
from registry.http.transaction import now, transaction
from registry.services import accounts, sessions
from registry.services.sign_in import TooManyAttempts
from registry.web.auth_forms import LanguageForm, PasswordForm, SignInForm, SignUpForm, TokenForm, put_errors
from registry.web.i18n import LANGUAGE_COOKIE

auth = Blueprint("auth", __name__)


@auth.get("/sign-in")
@allow(PUBLIC)
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form; who is signed in already goes on."""
    target = local_target(request.args.get("next"))
    if current_actor() is not None:
        return redirect(target or url_for("auth.account"))
    return _sign_in_page(SignInForm(next=target or ""))


@auth.post("/sign-in")
@allow(PUBLIC)
def sign_in_submit() -> ResponseReturnValue:
    """Sign in; the answer is the same for an unknown address and for a wrong password."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form), 422
    try:
        account = check_password(form.email.data or "", form.password.data or "")
    except TooManyAttempts as error:
        form.form_errors.append(gettext(str(error)))
        return _sign_in_page(form), 429, {"Retry-After": str(error.retry_after)}
    if account is None:
        message = gettext("The e-mail address or the password is not right.")
        form.email.errors = [*form.email.errors, message]
        return _sign_in_page(form), 422
    open_session(account)
    target = local_target(form.next.data) or url_for("auth.account", lang=account.language)
    return _with_language(redirect(target, 303), account.language)


def _sign_in_page(form: SignInForm) -> str:
    return render_template("auth/sign_in.html", form=form)


@auth.post("/sign-out")
@allow(PUBLIC)
def sign_out() -> ResponseReturnValue:
    """End this session on the server and in the browser."""
    close_session()
    return redirect(url_for("auth.signed_out"), 303)


@auth.get("/signed-out")
@allow(PUBLIC)
def signed_out() -> ResponseReturnValue:
    """Confirm that the session has ended."""
    return render_template("auth/signed_out.html")


@auth.get("/sign-up")
@allow(PUBLIC)
def sign_up() -> ResponseReturnValue:
    """Show the sign-up form."""
    return render_template("auth/sign_up.html", form=SignUpForm())


@auth.post("/sign-up")
@allow(PUBLIC)
def sign_up_submit() -> ResponseReturnValue:
    """Create an account; whether the address had one already is not told."""
    form = SignUpForm()
    if form.validate():
        try:
            _create(form)
            return redirect(url_for("auth.signed_up"), 303)
        except InvalidInput as error:
            put_errors(form, error)
    return render_template("auth/sign_up.html", form=form), 422


def _create(form: SignUpForm) -> None:
    try:
        with transaction() as session:
            accounts.create_account(
                session,
                name=form.name.data or "",
                email=form.email.data or "",
                password=form.password.data or "",
                language=form.language.data,
                at=now(),
            )
    except Conflict:
        # An answer of its own would tell strangers who has an account here.
        return


@auth.get("/signed-up")
@allow(PUBLIC)
def signed_up() -> ResponseReturnValue:
    """Say what comes next."""
    return render_template("auth/signed_up.html")


@auth.get("/account")
@allow(SIGNED_IN)
def account() -> ResponseReturnValue:
    """Show one's own account."""
    return _account_page()


def _account_page(
    *,
    language: LanguageForm | None = None,
    password: PasswordForm | None = None,
    token: TokenForm | None = None,
    secret: str | None = None,
) -> str:
    actor, at = signed_in_actor(), now()
    with transaction() as session:
        live = sessions.sessions_of(session, actor.account_id, at=at)
        tokens = sessions.tokens_of(session, actor.account_id, at=at)
    return render_template(
        "auth/account.html",
        actor=actor,
        sessions=live,
        here=sessions.digest(getattr(browser, "secret", None) or ""),
        tokens=tokens,
        language_form=language or LanguageForm(formdata=None, language=actor.language),
        password_form=password or PasswordForm(formdata=None),
        token_form=token or TokenForm(formdata=None),
        secret=secret,
    )


@auth.post("/account/language")
@allow(SIGNED_IN)
def set_language() -> ResponseReturnValue:
    """Change the language of pages and messages."""
    form = LanguageForm()
    if not form.validate():
        return _account_page(language=form), 422
    with transaction() as session:
        changed = accounts.set_language(session, signed_in_actor().account_id, form.language.data)
    return _with_language(redirect(url_for("auth.account", lang=changed.language), 303), changed.language)


@auth.post("/account/password")
@allow(SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Change the password, end all other sessions and tokens, and go on under a new session id."""
    form = PasswordForm()
    if form.validate():
        try:
            with transaction() as session:
                changed = accounts.change_password(
                    session,
                    signed_in_actor().account_id,
                    current=form.current.data or "",
                    new=form.new.data or "",
                    at=now(),
                )
            open_session(changed)
            flash(gettext("Your password has been changed. All your other sessions have ended."))
            return redirect(url_for("auth.account"), 303)
        except InvalidInput as error:
            put_errors(form, error)
    return _account_page(password=form), 422


@auth.post("/account/sessions/<id_hash>/end")
@allow(SIGNED_IN)
def end_session(id_hash: str) -> ResponseReturnValue:
    """End one of one's sessions."""
    with transaction() as session:
        sessions.revoke_session(session, signed_in_actor().account_id, id_hash, at=now())
    flash(gettext("The session has ended."))
    return redirect(url_for("auth.account"), 303)


@auth.post("/account/sessions/end")
@allow(SIGNED_IN)
def end_all_sessions() -> ResponseReturnValue:
    """Sign out everywhere: every session and token ends, this one too."""
    with transaction() as session:
        sessions.revoke_all(session, signed_in_actor().account_id, at=now())
    close_session()
    return redirect(url_for("auth.signed_out"), 303)


@auth.post("/account/tokens")
@allow(SIGNED_IN)
def make_token() -> ResponseReturnValue:
    """Make a token for the API and show it this once; since it is kept nowhere, there is no redirect."""
    form = TokenForm()
    if form.validate():
        try:
            with transaction() as session:
                secret, _ = sessions.create_token(
                    session,
                    signed_in_actor().account_id,
                    name=form.name.data or "",
                    at=now(),
                    life=timedelta(days=form.days.data or 0),
                )
            return _account_page(secret=secret)
        except InvalidInput as error:
            put_errors(form, error)
    return _account_page(token=form), 422


@auth.post("/account/tokens/<uuid:token_id>/end")
@allow(SIGNED_IN)
def end_token(token_id: uuid.UUID) -> ResponseReturnValue:
    """End one of one's tokens."""
    with transaction() as session:
        sessions.revoke_token(session, signed_in_actor().account_id, token_id, at=now())
    flash(gettext("The token no longer works."))
    return redirect(url_for("auth.account"), 303)


def _with_language(response: ResponseReturnValue, language: str) -> ResponseReturnValue:
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 24 * 3600, samesite="Lax")  # type: ignore[union-attr]
    return response
