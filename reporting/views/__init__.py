from .downloads import workbook
from .health import healthz
from .reports import report, report_detail, report_list
from .units import home, unit

__all__ = ["healthz", "home", "report", "report_detail", "report_list", "unit", "workbook"]
