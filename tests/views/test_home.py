"""The first address leads everybody to his own unit, and an administrator to the top of the tree."""


def test_home_is_ones_own_unit(cast, client):
    for person, unit in (
        (cast.officer, cast.commune),
        (cast.focal_person, cast.agency),
        (cast.district_clerk, cast.district),
        (cast.leader, cast.city),
    ):
        client.force_login(person)
        answer = client.get("/")
        assert (answer.status_code, answer.url) == (302, f"/units/{unit.code}/")


def test_home_of_an_administrator_is_the_top_of_the_tree(cast, client):
    client.force_login(cast.admin)
    assert (client.get("/").status_code, client.get("/").url) == (302, "/units/31/")
    assert client.post("/").status_code == 405
