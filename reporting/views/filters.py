def remembered(request, page, names, default):
    """The filter `?show=` of a page; one that was chosen is the page's for as long as the person is signed in."""
    kept = request.session.get("shown", {})
    asked = request.GET.get("show")
    if asked not in names:
        return kept.get(page, default)
    if kept.get(page, default) != asked:
        request.session["shown"] = {**kept, page: asked}
    return asked


def arranged(request, table, *, is_paged=False):
    """The table in the order of `?sort=`, which names columns that it has or nothing, and at the page asked for."""
    table.request = request
    asked = request.GET.getlist(table.prefixed_order_by_field)
    known = [alias for alias in asked if alias.removeprefix("-") in table.base_columns]
    if known:
        table.order_by = known
    if is_paged:
        table.paginate()
        table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
    return table
