"""The panel of comments on an object, for any page; every address asks whether the object may be seen."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms.notes import NoteForm
from accounts.http import PersonRequest, requires
from accounts.models import Comment
from accounts.roles import Permission
from accounts.selectors.comments import latest_comments
from accounts.selectors.people import find_people
from accounts.services import comments
from accounts.services.comments import Thread, Written
from accounts.views.desk import attachment
from config.common.errors import DomainError
from config.common.pages import Question, ask, crumb, render_panel


def _before(request: PersonRequest) -> int | None:
    text = request.GET.get("before", "")[:18]
    return int(text) if text.isascii() and text.isdigit() else None


def _item(thread: Thread, comment: Comment) -> dict[str, Any]:
    """What ``accounts/desk/_comment.html`` needs of one comment."""
    user = thread.user
    return {
        "comment": comment,
        "may_edit": thread.may_write and comments.may_edit(comment, user),
        "may_delete": comment.author_id == user.pk,
        "may_pin": thread.may_pin,
    }


def _panel(
    request: PersonRequest,
    thread: Thread,
    form: NoteForm | None = None,
    *,
    status: int = 200,
    unseen: list[str] | None = None,
) -> HttpResponse:
    before = _before(request)
    kind, key = thread.kind.object_type, thread.object_id
    found = latest_comments(thread.company_id, kind, key, before=before)
    context = {
        "thread": thread,
        "form": form or NoteForm(),
        "items": [_item(thread, comment) for comment in (*found.pinned, *found.others)],
        "following": found.following,
        "is_later": before is not None,
        "unseen": unseen or [],
        "url": reverse("comment-panel", args=[kind, key]),
        "people_url": reverse("comment-people", args=[kind, key]),
        "draft_key": f"note:{kind}:{key}",
    }
    page = render_panel(request, "accounts/desk/_comments.html", context, title=_("Notes"))
    page.status_code = status
    return page


def _say(request: PersonRequest, written: Written) -> None:
    for name in written.unseen:
        words = _("@%(name)s cannot see this and was not told.")
        messages.warning(request, words % {"name": name})


def _is_fragment(request: PersonRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _back(thread: Thread, comment: Comment) -> HttpResponse:
    return redirect(f"{thread.url}#comment-{comment.pk}")


@require_http_methods(["GET", "POST"])
@requires(Permission.VIEW_HOME)
def comment_panel(request: PersonRequest, object_type: str, object_id: str) -> HttpResponse:
    """GET: the comments on an object. POST: one more."""
    thread = comments.thread(user=request.user, object_type=object_type, object_id=object_id)
    if request.method == "GET":
        return _panel(request, thread)
    comments.require_writer(thread)
    form = NoteForm(request.POST, request.FILES)
    if not form.is_valid():
        return _panel(request, thread, form, status=422)
    try:
        written = comments.write(
            thread=thread,
            text=form.cleaned_data["text"],
            upload=form.cleaned_data["upload"],
            by=request.user,
        )
    except DomainError as error:
        if error.status == 403:
            raise
        form.add_error("text", error.message)
        return _panel(request, thread, form, status=422)
    if _is_fragment(request):
        return _panel(request, thread, unseen=written.unseen)
    _say(request, written)
    return _back(thread, written.comment)


@require_GET
@requires(Permission.WRITE_COMMENTS)
def comment_people(request: PersonRequest, object_type: str, object_id: str) -> JsonResponse:
    """Colleagues who may see the object and whose name fits what stands behind the @."""
    thread = comments.thread(user=request.user, object_type=object_type, object_id=object_id)
    found = find_people(thread.people.exclude(pk=request.user.pk), request.GET.get("q", "")[:60])
    people = [{"username": one.username, "name": one.name, "role": one.role} for one in found]
    return JsonResponse({"people": people})


@require_GET
@requires(Permission.VIEW_HOME)
def comment_open(request: PersonRequest, pk: int) -> HttpResponse:
    """From a notice to the page where the comment stands."""
    comment, thread = comments.thread_of(user=request.user, pk=pk)
    return _back(thread, comment)


def _one(
    request: PersonRequest, thread: Thread, comment: Comment, unseen: list[str] | None = None
) -> HttpResponse:
    context = {"item": _item(thread, comment), "unseen": unseen or []}
    return render(request, "accounts/desk/_comment.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.WRITE_COMMENTS)
def comment_edit(request: PersonRequest, pk: int) -> HttpResponse:
    comment, thread = comments.thread_of(user=request.user, pk=pk)
    if request.method == "GET" and request.GET.get("cancel"):
        return _one(request, thread, comment)
    comments.require_editor(comment, thread, request.user)
    if request.method == "GET":
        return _edit_form(request, thread, comment, NoteForm(initial={"text": comment.text}))
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _edit_form(request, thread, comment, form, 422)
    text = form.cleaned_data["text"]
    try:
        written = comments.edit(comment=comment, thread=thread, text=text, by=request.user)
    except DomainError as error:
        if error.status != 400:
            raise
        form.add_error("text", error.message)
        return _edit_form(request, thread, comment, form, 422)
    if _is_fragment(request):
        return _one(request, thread, comment, written.unseen)
    _say(request, written)
    return _back(thread, comment)


def _edit_form(
    request: PersonRequest, thread: Thread, comment: Comment, form: NoteForm, status: int = 200
) -> HttpResponse:
    kind, key = thread.kind.object_type, thread.object_id
    context = {
        "comment": comment,
        "form": form,
        "people_url": reverse("comment-people", args=[kind, key]),
    }
    page = render_panel(request, "accounts/desk/_comment_edit.html", context, title=_("Edit note"))
    page.status_code = status
    return page


def _delete_question(comment: Comment) -> Question:
    return Question(
        id=f"comment-delete-{comment.pk}",
        title=_("Delete this note?"),
        text=_(
            "Its text and its file are gone for everybody. The history says that there was one."
        ),
        url=reverse("comment-delete", args=[comment.pk]),
        label=_("Delete"),
        icon="trash",
        danger=True,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.WRITE_COMMENTS)
def comment_delete(request: PersonRequest, pk: int) -> HttpResponse:
    comment, thread = comments.thread_of(user=request.user, pk=pk)
    comments.require_author(comment, request.user)
    crumbs = [crumb(_("Home"), reverse("home")), crumb(thread.name, thread.url)]
    if asked := ask(request, _delete_question(comment), crumbs=crumbs):
        return asked
    comments.delete(comment=comment, thread=thread, by=request.user)
    if _is_fragment(request):
        return HttpResponse("")
    messages.success(request, _("The note is deleted."))
    return redirect(thread.url)


@require_POST
@requires(Permission.WRITE_COMMENTS)
def comment_pin(request: PersonRequest, pk: int) -> HttpResponse:
    comment, thread = comments.thread_of(user=request.user, pk=pk)
    pinned = request.POST.get("pinned") == "1"
    comments.pin(comment=comment, thread=thread, pinned=pinned, by=request.user)
    return _panel(request, thread) if _is_fragment(request) else _back(thread, comment)


@require_GET
@requires(Permission.VIEW_HOME)
def comment_file(request: PersonRequest, pk: int) -> HttpResponseBase:
    comment, _thread = comments.thread_of(user=request.user, pk=pk)
    response: FileResponse = attachment(comments.open_file(comment=comment), comment.file_name)
    return response
