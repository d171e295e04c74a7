"""Addresses of runs, the audit trail, the administration and the first steps."""

from django.urls import path

from accounts.views import (
    administration,
    audit,
    runs,
    setup,
)
from accounts.views import administration_clients as clients
from accounts.views import administration_organisation as organisation
from accounts.views import administration_people as people
from accounts.views import administration_rules as rules
from accounts.views import administration_sample as sample

urlpatterns = [
    path("runs/", runs.run_list, name="run-list"),
    path("runs/start/", runs.run_start, name="run-start"),
    path("runs/<int:pk>/", runs.run_detail, name="run-detail"),
    path("runs/<int:pk>/progress/", runs.run_progress, name="run-progress"),
    path("runs/<int:pk>/cancel/", runs.run_cancel, name="run-cancel"),
    path("runs/<int:pk>/again/", runs.run_again, name="run-again"),
    path("audit/", audit.audit_list, name="audit-list"),
    path("audit/<int:pk>/", audit.audit_detail, name="audit-detail"),
    path("password/", people.password_change, name="password_change"),
    path("administration/", administration.overview, name="administration"),
    path("system/", administration.system_health, name="system-health"),
    path("system/sample/", sample.sample_data, name="sample-data"),
    path("system/sample/<int:pk>/", sample.sample_remove, name="sample-remove"),
    path("people/", people.person_list, name="person-list"),
    path("people/new/", people.person_create, name="person-create"),
    path("people/roles/", people.role_matrix, name="role-matrix"),
    path("people/<int:pk>/", people.person_detail, name="person-detail"),
    path("people/<int:pk>/edit/", people.person_edit, name="person-edit"),
    path("people/<int:pk>/deactivate/", people.person_deactivate, name="person-deactivate"),
    path("people/<int:pk>/reactivate/", people.person_reactivate, name="person-reactivate"),
    path("people/<int:pk>/password/", people.person_password, name="person-password"),
    path("people/<int:pk>/unlock/", people.person_unlock, name="person-unlock"),
    path("organisation/", organisation.organisation_tree, name="organisation"),
    path("organisation/new/", organisation.county_add, name="county-add"),
    path("organisation/<int:pk>/", organisation.unit_detail, name="unit-detail"),
    path("organisation/<int:pk>/new/", organisation.unit_add, name="unit-add"),
    path("organisation/<int:pk>/rename/", organisation.unit_rename, name="unit-rename"),
    path("organisation/<int:pk>/move/", organisation.unit_move, name="unit-move"),
    path("organisation/<int:pk>/close/", organisation.unit_close, name="unit-close"),
    path("organisation/<int:pk>/reopen/", organisation.unit_reopen, name="unit-reopen"),
    path(
        "organisation/<int:pk>/former/<int:former>/",
        organisation.unit_forget_path,
        name="unit-forget-path",
    ),
    path("rules/", rules.rule_list, name="rule-list"),
    path("rules/<str:code>/", rules.rule_detail, name="rule-detail"),
    path("rules/<str:code>/change/", rules.rule_change, name="rule-change"),
    path("clients/", clients.client_list, name="client-list"),
    path("clients/new/", clients.client_create, name="client-create"),
    path("clients/<int:pk>/rotate/", clients.client_rotate, name="client-rotate"),
    path("clients/<int:pk>/revoke/", clients.client_revoke, name="client-revoke"),
    path("setup/", setup.checklist, name="setup"),
    path("setup/company/", setup.company_step, name="setup-company"),
    path("setup/administrator/", setup.administrator_step, name="setup-administrator"),
    path("setup/units/", setup.units_step, name="setup-units"),
]
