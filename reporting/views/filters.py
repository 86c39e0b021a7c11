def remembered(request, page, names, default):
    """The filter `?show=` of a page; one that was chosen is the page's for as long as the person is signed in."""
    kept = request.session.get("shown", {})
    asked = request.GET.get("show")
    if asked not in names:
        return kept.get(page, default)
    if kept.get(page, default) != asked:
        request.session["shown"] = {**kept, page: asked}
    return asked
