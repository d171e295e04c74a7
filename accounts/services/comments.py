"""Comments on any object: an app says how its objects are found, and by that who may read them.

A comment is as visible as its object: every read and write goes through ``thread``, which asks the
owning app's finder. ``@username`` tells colleagues who may see the object.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Comment, User
from accounts.roles import Permission
from accounts.selectors.comments import comment_of, latest_authors
from accounts.selectors.people import people_with
from accounts.services import notices, record
from config.common import attachments, storage
from config.common.errors import ConflictError, DomainError, ForbiddenError, NotFoundError

FOLDER = "comments"
EDITABLE = dt.timedelta(minutes=15)
MAX_TEXT = 4000
MAX_MENTIONS = 20
MENTION = "comment.mention"
REPLY = "comment.reply"
# A name may stand right after a Chinese character, but not inside an address of e-mail.
AT = re.compile(r"(?<![A-Za-z0-9_.+@-])@([\w.@+-]{1,60})")

Finder = Callable[[User, str], Any | None]
Audience = Callable[[Any], QuerySet[User]]


@dataclass(frozen=True)
class Commentable:
    """A kind of objects that can be commented on.

    Args:
        object_type: ``customers.retailer``, as in the audit trail.
        finder: The object, if this person may see it; it has a ``company_id``.
        url: The object's page.
        name: How people call it.
        label: What a kind of object it is.
        permission: Without it nobody reads comments on such objects (403).
        edit_permission: Who may pin: who may change the object.
        audience: People who may see an object, for completing names; ``finder`` decides in the end.
    """

    object_type: str
    finder: Finder
    url: Callable[[Any], str]
    name: Callable[[Any], str]
    label: Promise | str
    permission: Permission
    edit_permission: Permission
    audience: Audience | None


@dataclass(frozen=True)
class Thread:
    """The comments on one object, for somebody who may see it."""

    kind: Commentable
    obj: Any
    object_id: str
    user: User

    @property
    def company_id(self) -> int:
        """Whose object it is."""
        return int(self.obj.company_id)

    @property
    def url(self) -> str:
        """The object's page."""
        return self.kind.url(self.obj)

    @property
    def name(self) -> str:
        """How people call the object."""
        return self.kind.name(self.obj)[:100]

    @property
    def may_write(self) -> bool:
        """May this person comment?"""
        return Permission.WRITE_COMMENTS in self.user.permissions

    @property
    def may_pin(self) -> bool:
        """May this person pin?"""
        return self.may_write and self.kind.edit_permission in self.user.permissions

    @property
    def people(self) -> QuerySet[User]:
        """Colleagues who can be told."""
        if self.kind.audience is not None:
            return self.kind.audience(self.obj)
        return people_with(self.company_id, self.kind.permission)

    def is_seen_by(self, user: User) -> bool:
        """May somebody else see the object?"""
        allowed = self.kind.permission in user.permissions
        return allowed and self.kind.finder(user, self.object_id) is not None


_kinds: dict[str, Commentable] = {}


def register(
    object_type: str,
    *,
    finder: Finder,
    url: Callable[[Any], str],
    name: Callable[[Any], str] = str,
    label: Promise | str = "",
    permission: Permission = Permission.VIEW_HOME,
    edit_permission: Permission = Permission.MANAGE_INSTALLATION,
    audience: Audience | None = None,
) -> None:
    """Let objects of a kind be commented on. Called from ``AppConfig.ready``; see ``Commentable``."""
    _kinds[object_type] = Commentable(
        object_type,
        finder,
        url,
        name,
        label or object_type,
        permission,
        edit_permission,
        audience,
    )


def thread(*, user: User, object_type: str, object_id: str) -> Thread:
    """The comments on an object, for somebody who may see it.

    Raises:
        PermissionDenied: This person never sees such objects.
        NotFoundError: There is no such object, or not for this person.
    """
    kind = _kinds.get(object_type)
    if kind is not None and kind.permission not in user.permissions:
        raise PermissionDenied
    usable = object_id.isascii() and object_id.isdigit() and len(object_id) < 19
    obj = kind.finder(user, object_id) if kind is not None and usable else None
    if kind is None or obj is None:
        raise NotFoundError(_("There is nothing here that you could comment on."))
    return Thread(kind, obj, str(int(object_id)), user)


def thread_of(*, user: User, pk: int) -> tuple[Comment, Thread]:
    """A comment that was not deleted, and the thread it stands in.

    Raises:
        NotFoundError: There is none, or its object is not for this person.
    """
    comment = comment_of(user, pk)
    if comment is None:
        raise NotFoundError(_("This note is gone."))
    return comment, thread(user=user, object_type=comment.object_type, object_id=comment.object_id)


def may_edit(comment: Comment, user: User) -> bool:
    """One's own, for a quarter of an hour."""
    return comment.author_id == user.pk and timezone.now() - comment.created_at < EDITABLE


def require_writer(thread: Thread) -> None:
    """Raise ForbiddenError unless this person may comment."""
    if not thread.may_write:
        raise ForbiddenError(_("Your role may read notes and not write them."))


def require_editor(comment: Comment, thread: Thread, by: User) -> None:
    """Raise ForbiddenError or ConflictError unless this person may still change the comment."""
    require_writer(thread)
    if comment.author_id != by.pk:
        raise ForbiddenError(_("Only who wrote a note can change it."))
    if not may_edit(comment, by):
        raise ConflictError(
            _("A note can be changed for %(minutes)d minutes; write a new one.")
            % {"minutes": EDITABLE.seconds // 60},
            code="too_late",
        )


def require_author(comment: Comment, by: User) -> None:
    """Raise ForbiddenError unless this person wrote it."""
    if comment.author_id != by.pk:
        raise ForbiddenError(_("Only who wrote a note can delete it."))


# --- writing --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """What became of a comment.

    Args:
        comment: The stored row.
        unseen: User names that were mentioned and cannot see the object; they are not told.
    """

    comment: Comment
    unseen: list[str]


def write(*, thread: Thread, text: str, upload: "UploadedFile[bytes] | None", by: User) -> Written:
    """Comment on an object; who is mentioned, and who commented before, is told.

    Raises:
        ForbiddenError: This person may not comment.
        DomainError: Neither text nor file, or too long a text.
        RefusedFileError: The file cannot be attached.
    """
    require_writer(thread)
    text = _tidy(text, needed=upload is None)
    path, name, size = _attach(upload) if upload is not None else ("", "", 0)
    try:
        return _store(thread, text, path, name, size, by)
    except BaseException:
        storage.remove(path)
        raise


@transaction.atomic
def _store(thread: Thread, text: str, path: str, name: str, size: int, by: User) -> Written:
    comment = Comment.objects.create(
        company_id=thread.company_id,
        object_type=thread.kind.object_type,
        object_id=thread.object_id,
        author=by,
        text=text,
        file_path=path,
        file_name=name,
        file_bytes=size,
    )
    unseen = _mention(thread, comment, by)
    _tell_others(thread, comment, by)
    return Written(comment, unseen)


@transaction.atomic
def edit(*, comment: Comment, thread: Thread, text: str, by: User) -> Written:
    """Change one's own comment while it is fresh; who is mentioned only now is told.

    Raises:
        ForbiddenError: It is somebody else's.
        ConflictError: It is older than a quarter of an hour.
        DomainError: No text, or too long a text.
    """
    require_editor(comment, thread, by)
    comment.text = _tidy(text, needed=not comment.file_path)
    comment.edited_at = timezone.now()
    comment.save(update_fields=["text", "edited_at"])
    return Written(comment, _mention(thread, comment, by))


@transaction.atomic
def delete(*, comment: Comment, thread: Thread, by: User) -> None:
    """Take one's own comment away; the audit trail keeps that there was one, its file is removed.

    Raises:
        ForbiddenError: It is somebody else's.
    """
    require_author(comment, by)
    path = comment.file_path
    comment.deleted_at, comment.pinned_at, comment.file_path = timezone.now(), None, ""
    comment.save(update_fields=["deleted_at", "pinned_at", "file_path"])
    _record("comment.delete", comment, thread, by)
    transaction.on_commit(lambda: storage.remove(path))


@transaction.atomic
def pin(*, comment: Comment, thread: Thread, pinned: bool, by: User) -> None:
    """Keep a comment on top, or let it go again.

    Raises:
        ForbiddenError: This person may not change the object.
    """
    if not thread.may_pin:
        raise ForbiddenError(_("Only who may change this may pin notes."))
    comment.pinned_at = timezone.now() if pinned else None
    comment.save(update_fields=["pinned_at"])
    _record("comment.pin" if pinned else "comment.unpin", comment, thread, by)


def open_file(*, comment: Comment) -> IO[bytes]:
    """The attached file, opened for reading.

    Raises:
        NotFoundError: There is none.
    """
    path = storage.absolute(comment.file_path)
    if not comment.file_path or not path.is_file():
        raise NotFoundError(_("There is no such file."))
    return path.open("rb")


def _record(action: str, comment: Comment, thread: Thread, by: User) -> None:
    # Said about the object: its history shows it.
    record(
        action=action,
        company_id=comment.company_id,
        by=by,
        obj=thread.obj,
        object_label=thread.name,
        changes={"comment": [None, comment.pk]},
    )


def _tidy(text: str, *, needed: bool) -> str:
    tidy = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not tidy and needed:
        raise DomainError(_("Write something, or attach a file."), code="empty")
    if len(tidy) > MAX_TEXT:
        raise DomainError(
            _("The note has %(n)d signs; at most %(limit)d fit.")
            % {"n": len(tidy), "limit": MAX_TEXT},
            code="too_long",
        )
    return tidy


def _attach(upload: "UploadedFile[bytes]") -> tuple[str, str, int]:
    name = storage.clean_name(upload.name or "")
    ending = attachments.ending_of(name, upload.size or 0, upload)

    def fill(stream: IO[bytes]) -> int:
        return sum(stream.write(block) for block in upload.chunks())

    path, size = storage.write(FOLDER, ending, fill)
    return storage.below_media(path), name, size


# --- telling --------------------------------------------------------------------------------


def _mention(thread: Thread, comment: Comment, by: User) -> list[str]:
    """Store and tell who is mentioned; returns those who cannot see the object."""
    words = AT.findall(comment.text)[: 5 * MAX_MENTIONS]
    named = _named(comment.company_id, words) if words else []
    seeing = [user for user in named if thread.is_seen_by(user)]
    comment.mentions.set(seeing)
    _tell(MENTION, seeing, thread, comment, by)
    return [user.username for user in named if user not in seeing]


def _named(company_id: int, words: list[str]) -> list[User]:
    """People whose user name stands at the beginning of what follows an @, the longest that fits.

    Chinese has no spaces: in "@wang看一下" only "wang" is the name.
    """
    beginnings = {word[:length] for word in words for length in range(1, len(word) + 1)}
    here = Q(company_id=company_id) | Q(company=None)
    people = User.objects.filter(here, username__in=beginnings, is_active=True)
    by_name = {user.username: user for user in people}
    found: dict[int, User] = {}
    for word in words:
        fitting = [word[:length] for length in range(len(word), 0, -1) if word[:length] in by_name]
        if fitting:
            found.setdefault(by_name[fitting[0]].pk, by_name[fitting[0]])
    return list(found.values())[:MAX_MENTIONS]


def _tell_others(thread: Thread, comment: Comment, by: User) -> None:
    """Tell who commented on the object before, and is not told already."""
    told = {by.pk, *comment.mentions.values_list("pk", flat=True)}
    earlier = latest_authors(
        comment.company_id, comment.object_type, comment.object_id, limit=MAX_MENTIONS
    )
    others = [user for user in earlier if user.pk not in told and thread.is_seen_by(user)]
    _tell(REPLY, others, thread, comment, by)


def _tell(kind: str, users: list[User], thread: Thread, comment: Comment, by: User) -> None:
    # Not what was written: who loses sight of the object later must not find it in a notice.
    notices.send(
        users=users,
        kind=kind,
        params={"by": str(by), "name": thread.name},
        url=reverse("comment-open", args=[comment.pk]),
        dedupe_key=f"{kind}:{comment.pk}",
        by=by,
    )
