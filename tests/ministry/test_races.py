"""Two people ask, or answer, at once: one succeeds, the other is refused; one question and one answer are stored."""

import pytest

from reporting.ministry import acts as ministry
from reporting.models import ExplanationRequest, Metric

from .. import factories as f
from ..threads import at_once, kinds

pytestmark = pytest.mark.django_db(transaction=True)

EVENING, LATER = f.at("2020-08-21 18:00"), f.at("2020-08-21 19:00")
TRIES = 5


@pytest.fixture
def claiming(cast):
    f.make_report(cast.commune, installs=50, opening=950)
    return cast


def test_of_two_who_ask_at_once_one_asks(claiming):
    for metric in Metric:
        f.make_official(claiming.district, 900, metric=metric)

        def ask(words, metric=metric):
            about = {"unit": claiming.district, "day": f.DAY, "metric": metric}
            return lambda: ministry.ask_why(**about, question=words, by=claiming.city_clerk, now=lambda: EVENING)

        answers = at_once(ask("Vì sao?"), ask("Tại sao?"))
        assert sorted(kinds(answers)) == ["AlreadyAsked", "ExplanationRequest"]
        assert ExplanationRequest.objects.filter(metric=metric).count() == 1


def test_of_two_who_answer_at_once_one_answers_and_his_words_stand(claiming):
    for number in range(TRIES):
        asked = f.make_explanation_request(claiming.district, claiming.city_clerk)
        copies = [ExplanationRequest.objects.select_related("unit").get(pk=asked.pk) for _ in range(2)]

        def answer(request, words):
            return lambda: (
                ministry.explain(request=request, words=words, by=claiming.district_clerk, now=lambda: LATER).answer
            )

        words = [f"Một {number}", f"Hai {number}"]
        answers = at_once(*(answer(*pair) for pair in zip(copies, words, strict=True)))
        stands = ExplanationRequest.objects.get(pk=asked.pk).answer
        assert sorted(kinds(answers)) == ["AlreadyAnswered", "str"]
        assert [given for given in answers if given in words] == [stands]
