"""The day's official paper, opened again: its figures are the rollup's, its layout is the decree's."""

import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django.utils import translation
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml.ns import qn
from docx.shared import Pt

from reporting import papers
from reporting.acts import Difficulty
from reporting.deadline import DayHours
from reporting.exports import paper_sentences as sentences
from reporting.exports.offices import issuing_office
from reporting.figures import pace, statements
from reporting.figures.pace import PastDay, RecentDays
from reporting.figures.rates import Rate, Span
from reporting.models import Directive, Office, Seal

from ..factories import DAY, at, make_day_rollup, make_figure
from .test_offices import CITY, DISTRICT, named

UNTIL = at("2020-08-21 17:00")
HEADS = ["STT", "Đơn vị", "Đã báo cáo", "Số máy cài mới", "Điều chỉnh", "Lũy kế", "Dân số", "Tỷ lệ", "Còn thiếu"]


OF_THE_ORDER = {
    "kind": "letter",
    "number": "0805/UBND-MH",
    "issuer": "UBND thành phố Hải Phòng",
    "title": "Về việc cài đặt ứng dụng Bluezone",
    "grounds": "272/TB-VPCP; 30-CT/TU",
    "issued_on": date(2020, 8, 5),
}
DIRECTIVE = Directive(**OF_THE_ORDER, target_share=Decimal("0.6"))


def rollup_of(*figures):
    return replace(make_day_rollup(*figures), hours=DayHours(day=DAY, order=DIRECTIVE))


def city_figures(**late):
    return [
        make_figure("31/", name="Thành phố Hải Phòng"),
        make_figure("31/306/", name="Quận Hải An"),
        make_figure(
            "31/306/11416/",
            name="Phường Đằng Hải",
            installs=88,
            households=46,
            adjustment=-12,
            cumulative=3500,
            population=19748,
            **late,
        ),
        make_figure("31/306/11407/", name="Phường Cát Bi", population=14350),
        make_figure(
            "31/318/", name="Huyện Bạch Long Vĩ", cumulative=100, population=624, carried_from=date(2020, 8, 19)
        ),
        make_figure("31/SYT/", level="agency", name="Sở Y tế", installs=7, cumulative=5000, population=7420),
        make_figure("31/STC/", level="agency", name="Sở Tài chính", population=80),
    ]


@pytest.fixture
def city():
    """Two districts, one of them an island that reports for itself; agencies; a commune that never reported."""
    return rollup_of(*city_figures())


@pytest.fixture
def district():
    return rollup_of(*[replace(f, path=f.path.removeprefix("31/")) for f in city_figures()[1:4]])


def content(figures, *, unit=None, superior=None, printed_at=UNTIL, seal=None, look="", proof="", **said):
    if unit is None:
        unit, superior = (CITY, None) if figures.unit_code == "31" else (DISTRICT, CITY)
    subject = statements.subject(figures, pace=said.get("pace"), before=said.get("yesterday"), seal=seal)
    recent = SimpleNamespace(several_words=lambda: said.get("several_words", ""))
    trend = SimpleNamespace(subject=subject, verdict=statements.verdict(subject), recent=recent)
    about = {"earlier_seal": [], "slowest": said.get("slowest", []), "difficulties": said.get("difficulties", [])}
    with translation.override("vi"):
        issuer = replace(issuing_office(unit, superior, said.get("office")), **said.get("typed", {}))
        found = sentences.sections(figures, issuer, trend=trend, until=figures.until(printed_at), **about)
    return papers.render(figures, issuer, found, at=printed_at, look=look, proof=proof)


def yesterday(**fields):
    return PastDay(day=DAY - timedelta(days=1), reported=1, **fields)


def opened(figures, **more):
    return Document(io.BytesIO(content(figures, **more)))


def table_rows(document):
    return [[cell.text for cell in row.cells] for row in document.tables[1].rows]


def words(document):
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text]


def everything(document):
    """All texts, also those in tables."""
    return [*words(document), *[cell.text for table in document.tables for row in table.rows for cell in row.cells]]


def sections(document):
    """The paragraphs under each numbered heading."""
    found, title = {}, None
    for text in words(document):
        if re.match(r"\d\. ", text):
            title = text
            found[title] = []
        elif title:
            found[title].append(text)
    return found


def test_table_of_a_city_is_its_rows_and_their_total(city):
    assert table_rows(opened(city)) == [
        HEADS,
        ["1", "Huyện Bạch Long Vĩ", "0/1", "–", "0", "100", "624", "16,02%", "275"],
        ["2", "Quận Hải An", "1/2", "88", "-12", "3.500", "34.098", "10,26%", "16.959"],
        ["", "Tổng cộng", "1/3", "88", "-12", "3.600", "34.722", "10,36%", "17.234"],
    ]


def test_city_says_its_figures_in_sentences(city):
    target = {"cumulative": 3600, "target": 20834, "target_date": date(2020, 9, 10)}
    rate = reckoned(**target, rate=Rate(Fraction(88), 3, 3, known=1))
    before = yesterday(installs=70, cumulative=3524, share=Decimal("0.1014"))
    behind = statements.subject(city, city.by_code["306"], pace=reckoned(cumulative=3500, target=20459))
    found = sections(opened(city, yesterday=before, pace=rate, slowest=[behind]))
    assert found["1. Kết quả cài đặt"] == [
        "Tính đến 17h00 ngày 21/8/2020, toàn thành phố có 3.600 máy đã cài đặt ứng dụng Bluezone (lũy kế), đạt 10,36% "
        "(tạm tính, 1/3) dân số (34.722 người). So với chỉ tiêu 60% dân số (20.834 máy), còn thiếu 17.234 máy.",
        "Dự báo đến hết 10/9/2020 chỉ đạt 15,43%, thấp hơn chỉ tiêu 60%. Mỗi ngày cần 862 máy, hiện 88. Với tốc độ này "
        "đến 05/3/2021 mới đạt 60%, chậm 176 ngày. Phải tăng 9,8 lần.",
        "Số máy cài mới trong ngày: 88 máy (ngày 20/8/2020: 70 máy). Điều chỉnh lũy kế trong ngày: -12 máy. Số hộ mới "
        "đến vận động: 46 hộ. So với ngày 20/8/2020 (3.524 máy, 10,14%), lũy kế tăng 76 máy, tỷ lệ tăng 0,22 điểm "
        "phần trăm.",
        "Các sở, ban, ngành, đoàn thể (theo dõi riêng, không cộng vào số liệu trên): lũy kế 5.000 máy trên 7.500 cán "
        "bộ, công chức, viên chức, người lao động, đạt 66,66%; cài mới trong ngày: 7 máy; đã báo cáo 1/2 cơ quan, đơn "
        "vị. Chưa báo cáo: Sở Tài chính.",
    ]
    assert found["2. Tình hình gửi báo cáo của các đơn vị"] == [
        "Đã báo cáo 1/3 đơn vị (phường, huyện): đúng hạn 1, trễ hạn 0; chưa báo cáo 2. "
        "Hạn báo cáo trong ngày: trước 17h00.",
        "Chưa báo cáo: huyện Bạch Long Vĩ; quận Hải An (phường Cát Bi).",
    ]
    assert found["3. Đề xuất, kiến nghị"] == [
        "Đề nghị Ủy ban nhân dân thành phố Hải Phòng chỉ đạo các quận cài chậm nhất so với yêu cầu tăng số máy cài "
        "mới mỗi ngày:",
        "- Quận Hải An: 10,26% (tạm tính, 1/2). Mỗi ngày cần 848 máy, hiện 5,0. Phải tăng 169,6 lần.",
    ]
    assert list(found)[3:] == ["4. Số liệu theo quận, huyện"]


def test_paper_says_once_that_the_target_is_reached_and_calls_no_pace_what_is_a_share(city):
    reached = rollup_of(
        make_figure("31/", name="Thành phố Hải Phòng"), make_figure("31/1/", cumulative=61, population=100)
    )
    pace = reckoned(cumulative=61, target=60, target_date=DAY)
    behind = statements.subject(
        city, city.by_code["306"], pace=reckoned(cumulative=3500, target=20459, target_date=DAY)
    )
    found = sections(opened(reached, pace=pace, slowest=[behind]))
    assert found["1. Kết quả cài đặt"][0].endswith("Đã đạt chỉ tiêu 60% dân số (60 máy).")
    assert found["1. Kết quả cài đặt"][1] == "Vượt chỉ tiêu 1 máy."
    assert found["3. Đề xuất, kiến nghị"] == [
        "Đề nghị Ủy ban nhân dân thành phố Hải Phòng chỉ đạo các quận có tỷ lệ thấp nhất tăng số máy cài mới mỗi ngày:",
        "- Quận Hải An: 10,26% (tạm tính, 1/2).",
    ]


def test_paper_says_a_growth_once_and_no_column_without_figures():
    """The cumulative grew by the new installs that stand beside it; nobody adjusted, and nothing is due."""
    figures = rollup_of(
        make_figure("31/", name="Thành phố Hải Phòng"),
        make_figure("31/306/", name="Quận Hải An", installs=88, cumulative=3600, population=34722, is_owed=False),
    )
    document = opened(figures, yesterday=yesterday(installs=70, cumulative=3512, share=Decimal("0.1011")))
    assert (
        "So với ngày 20/8/2020 (3.512 máy, 10,11%), tỷ lệ tăng 0,25 điểm phần trăm."
        in sections(document)["1. Kết quả cài đặt"][1]
    )
    assert table_rows(document)[0] == [head for head in HEADS if head not in ("Đã báo cáo", "Điều chỉnh")]


def test_late_units_are_named():
    found = sections(opened(rollup_of(*city_figures(is_late=True))))
    assert "Trễ hạn: quận Hải An (phường Đằng Hải)." in found["2. Tình hình gửi báo cáo của các đơn vị"]


def test_day_when_nobody_reported_says_so_and_names_all():
    communes = [make_figure(f"31/306/{code}/", name=f"Phường {code}", population=10) for code in range(5)]
    figures = rollup_of(make_figure("31/", name="Thành phố Hải Phòng"), make_figure("31/306/"), *communes)
    document = opened(figures)
    found = sections(document)
    assert found["1. Kết quả cài đặt"] == [
        "Tính đến 17h00 ngày 21/8/2020, toàn thành phố chưa có đơn vị nào báo cáo số máy đã cài đặt. So với chỉ tiêu "
        "60% dân số (30 máy), còn thiếu 30 máy.",
        "Trong ngày chưa có đơn vị nào báo cáo số máy cài mới.",
    ]
    assert found["2. Tình hình gửi báo cáo của các đơn vị"] == [
        "Đã báo cáo 0/5 đơn vị (phường): đúng hạn 0, trễ hạn 0; chưa báo cáo 5. Hạn báo cáo trong ngày: trước 17h00.",
        "Chưa báo cáo: Đơn vị 306 (tất cả 5 phường).",
    ]
    assert table_rows(document)[1] == ["1", "Đơn vị 306", "0/5", "50", "30"]


def test_unit_without_a_population_has_neither_share_nor_target():
    figures = rollup_of(
        make_figure("31/", name="Thành phố Hải Phòng"),
        make_figure("31/1/", installs=5, cumulative=9),
        make_figure("31/2/", installs=0, cumulative=0, population=10),
    )
    document = opened(figures)
    assert sections(document)["1. Kết quả cài đặt"][0] == (
        "Tính đến 17h00 ngày 21/8/2020, toàn thành phố có 9 máy đã cài đặt ứng dụng Bluezone (lũy kế); chưa đủ số liệu "
        "dân số của các đơn vị để tính tỷ lệ."
    )
    assert [row[3:] for row in table_rows(document)[1:]] == [
        ["5", "9", "–", "–", "–"],
        ["0", "0", "10", "0,00%", "6"],
        ["5", "9", "–", "–", "–"],
    ]


def test_agencies_that_never_reported_are_said_to_be_silent():
    figures = rollup_of(make_figure("31/"), make_figure("31/306/"), make_figure("31/SYT/", level="agency"))
    assert sections(opened(figures))["1. Kết quả cài đặt"][-1] == (
        "Các sở, ban, ngành, đoàn thể (theo dõi riêng): chưa có cơ quan, đơn vị nào báo cáo."
    )


FIVE = Rate(Fraction(5), reports=3, of_reports=3, known=1)


def reckoned(**changed):
    values = {"cumulative": 50, "target": 60, "day": DAY, "rate": FIVE, "is_hour_over": True}
    return pace.pace_of(**{**values, "target_date": date(2020, 9, 10), **changed})


def test_grounds_are_the_directives(city, district):
    assert [text for text in words(opened(city)) if text.startswith("Thực hiện")] == [
        "Thực hiện Công văn số 0805/UBND-MH ngày 05/8/2020 của UBND thành phố Hải Phòng về việc cài đặt ứng dụng "
        "Bluezone (căn cứ: 272/TB-VPCP; 30-CT/TU), Sở Thông tin và Truyền thông báo cáo như sau:"
    ]
    assert words(opened(replace(district, hours=DayHours(day=DAY))))[6] == (
        "Ủy ban nhân dân quận Hải An báo cáo như sau:"
    )


def test_new_installs_of_several_days_are_said_to_be_so(city):
    several = RecentDays(days=[], spans=[Span(DAY - timedelta(days=3), DAY, 80)]).several_words()
    said = sections(opened(city, several_words=several))["1. Kết quả cài đặt"][1]
    assert "88 máy. Trong đó 80 máy là số gộp nhiều ngày (1 đơn vị)." in said


def test_difficulties_name_who_says_them_and_proposals_stand_apart(city):
    communes = city.below("306")
    notes = ["Máy đời cũ không cài được.\n- Đề nghị cấp thêm tờ rơi;", "máy yếu\nĐề nghị cấp thêm tờ rơi"]
    difficulties = [
        Difficulty(city.by_code["306"], row, note, UNTIL) for row, note in zip(communes, notes, strict=True)
    ]
    difficulties.append(Difficulty(None, city.by_code["SYT"], "Máy đời cũ không cài được", None))
    found = sections(opened(city, difficulties=difficulties))
    assert found["3. Khó khăn, vướng mắc"] == [
        "- Máy đời cũ không cài được (phường Cát Bi – quận Hải An, Sở Y tế).",
        "- máy yếu (phường Đằng Hải – quận Hải An).",
    ]
    assert found["4. Đề xuất, kiến nghị"] == [
        "- Đề nghị cấp thêm tờ rơi (phường Cát Bi – quận Hải An, phường Đằng Hải – quận Hải An)."
    ]
    assert "5. Số liệu theo quận, huyện" in found


def head_and_foot(document):
    """The lines of the four cells of the head, and of the two of the foot."""
    cells = [cell.text.split("\n") for row in document.tables[0].rows for cell in row.cells]
    return cells, [cell.text.strip().split("\n") for cell in document.tables[2].rows[0].cells]


STATE = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", ""]
BLANK = "\u00a0" * 12


def test_head_and_signature_of_the_citys_department(city):
    document = opened(city)
    head, (copies, signature) = head_and_foot(document)
    assert head == [
        ["UBND THÀNH PHỐ HẢI PHÒNG", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG", ""],
        STATE,
        [f"Số:{BLANK}/BC-STTTT"],
        ["Hải Phòng, ngày 21 tháng 8 năm 2020"],
    ]
    assert words(document)[:4] == [
        "BÁO CÁO",
        "Kết quả cài đặt ứng dụng Bluezone",
        "trên địa bàn thành phố Hải Phòng ngày 21/8/2020",
        "Kính gửi: Ủy ban nhân dân thành phố Hải Phòng.",
    ]
    assert signature == ["GIÁM ĐỐC"]
    assert copies == [
        "Nơi nhận:",
        "- Như trên;",
        "- Ban Chỉ đạo phòng, chống dịch COVID-19 thành phố;",
        "- Cục Tin học hóa (Bộ Thông tin và Truyền thông);",
        "- UBND các quận, huyện;",
        "- Lưu: VT, …",
    ]


def test_head_and_signature_of_a_districts_committee(district):
    document = opened(district)
    head, (copies, signature) = head_and_foot(document)
    assert head == [
        ["ỦY BAN NHÂN DÂN", "QUẬN HẢI AN", ""],
        STATE,
        [f"Số:{BLANK}/BC-UBND"],
        ["Hải An, ngày 21 tháng 8 năm 2020"],
    ]
    recipients = ["Kính gửi:", "- Ủy ban nhân dân thành phố Hải Phòng;", "- Sở Thông tin và Truyền thông."]
    assert words(document)[3:6] == recipients
    assert signature == ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]
    assert copies == [
        "Nơi nhận:",
        "- Như trên;",
        "- Chủ tịch, các Phó Chủ tịch UBND quận;",
        "- Ban Chỉ đạo phòng, chống dịch COVID-19 quận;",
        "- UBND các phường;",
        "- Lưu: VT, …",
    ]


def test_every_letter_is_times_new_roman_black_in_the_decrees_sizes(city):
    document = opened(city)
    normal = document.styles["Normal"]
    fonts = normal.element.rPr.rFonts
    assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia", "cs")} == {"Times New Roman"}
    assert (normal.font.size, str(normal.font.color.rgb)) == (Pt(14), "000000")
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    runs = [run for holder in [document, *cells] for paragraph in holder.paragraphs for run in paragraph.runs]
    assert {run.font.name for run in runs} == {None}  # only what the style sets
    assert {run.font.color.rgb for run in runs} == {None}
    assert {run.font.size.pt for run in runs} == {11, 12, 13, 14}
    text = next(p for p in document.paragraphs if p.text.startswith("Tính đến"))
    assert (text.alignment, text.runs[0].font.size) == (ALIGN.JUSTIFY, Pt(14))


def test_paper_names_what_the_office_set_and_what_was_typed_that_day(city):
    """Number, signer and recipients; without them the usual ones and a blank number."""
    signed = "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC"
    office = Office(name="Sở", symbol="STTTT", signature=signed, signer="Nguyễn Văn A", recipients="Thành ủy\nUBND")
    usual, kept = (everything(opened(city, office=given)) for given in (None, office))
    assert "GIÁM ĐỐC\n\n\n\n" in usual
    assert {"- Thành ủy;", "- UBND."} < set(kept)
    assert f"{signed}\n\n\n\n\nNguyễn Văn A" in kept
    typed = everything(opened(city, office=office, typed={"number": "5", "signer": "Trần Thị B"}))
    assert "Số: 05/BC-STTTT" in typed
    assert f"{signed}\n\n\n\n\nTrần Thị B" in typed


def test_paper_is_vietnamese_in_an_english_page(city):
    with translation.override("en"):
        english = everything(opened(city))
        assert translation.get_language() == "en"
    with translation.override("vi"):
        assert everything(opened(city)) == english
    assert "BÁO CÁO" in english


SEAL = Seal(day=DAY, at=at("2020-08-21 17:35"), digest="9f3c01ab27de" + "0" * 52)


def test_sealed_paper_says_so_and_is_the_same_otherwise(city):
    now = [text.replace(" (tạm tính, 1/3)", "") for text in everything(opened(city))]
    about = {"look": "Chốt lúc 17h35", "proof": "Mã chuỗi: 0123"}
    sealed = everything(opened(replace(city, as_of=SEAL.at), seal=SEAL, **about))
    assert [text for text in sealed if text not in now] == ["(Chốt lúc 17h35)", "Mã chuỗi: 0123"]
    assert [text for text in now if text not in sealed] == []


@pytest.mark.parametrize("text", ["<w:p>&amp;</w:p>", "]]><!--", "=HYPERLINK(1)", "{{ x }} %(y)s %d", "&#0; -5"])
def test_markup_in_names_and_notes_is_text(text):
    unit = named("31", "city", "thành phố", text)
    figures = rollup_of(make_figure("31/"), make_figure("31/306/", name=text))
    order = Directive(kind="letter", number=text, issuer=text, title=text, issued_on=DAY)
    figures = replace(figures, hours=DayHours(day=DAY, order=order))
    said = Difficulty(None, figures.by_code["306"], text, None)
    document = opened(figures, unit=unit, difficulties=[said])
    assert table_rows(document)[1][1] == text
    assert sections(document)["3. Khó khăn, vướng mắc"] == [f"- {text} ({text})."]
    assert f"thành phố {text}".upper() in document.tables[0].rows[0].cells[0].text


@pytest.mark.office
@pytest.mark.matrix  # slow: starts LibreOffice
def test_paper_is_rendered_on_a4_with_its_sentences(city, district, tmp_path):
    """LibreOffice makes the pages: their size, that no text is lost, page numbers from page 2 on."""
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        pytest.skip("no LibreOffice or no poppler here: apt-get install libreoffice-writer poppler-utils")
    many = [make_figure(f"306/{code}/", name=f"Phường {code}", cumulative=code, population=90) for code in range(60)]
    papers = {"city": city, "district": district, "long": rollup_of(make_figure("306/", name="Quận Hải An"), *many)}
    for name, figures in papers.items():
        (tmp_path / f"{name}.docx").write_bytes(content(figures))
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf", "--outdir"]
    files = [str(tmp_path / f"{name}.docx") for name in papers]
    subprocess.run([*command, str(tmp_path), *files], check=True, capture_output=True, timeout=120)
    for name, figures in papers.items():
        pdf = str(tmp_path / f"{name}.pdf")
        information = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout
        assert re.search(r"Page size: +([\d.]+) x ([\d.]+) pts \(A4\)", information)
        text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
        first, *further = text.rstrip("\f").split("\f")
        assert [page.split()[0] for page in further] == [str(number) for number in range(2, len(further) + 2)]
        assert first.split()[0] in ("UBND", "ỦY")
        joined = " ".join(text.split())
        for paragraph in words(opened(figures)):
            if not further:
                assert " ".join(paragraph.split()) in joined
        assert f"Tổng cộng {figures.own.reported}/{figures.own.expected}" in joined
    assert [page.count("STT") for page in further] == [1] * len(further)  # the table's head is repeated
    assert len(further) == 2
