"""The ten programmes of the demo: three real ones by their facts, seven invented ones marked as demo."""

from __future__ import annotations

from activities.management.demo.invented import INVENTED
from activities.management.demo.signed import SEED

PROGRAMMES = (*SEED, *INVENTED)
# Poverty rate of the province as published, by day (%): the series breaks with the merger of 1/7/2025.
POVERTY_RATES = (("2022-12-31", "10.29"), ("2024-12-31", "5.46"), ("2025-12-31", "4.66"))
