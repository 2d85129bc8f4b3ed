"""A trit and a restore with explicit numbers throughout: the defaults are choices that may change."""

from __future__ import annotations

from typing import Any

from bitline.benches.restore.sizing import Restore
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.devices.reram import ReRam
from bitline.devices.selector import Selector


def trit(n: int = 16, n_clusters: int = 4, clustered: bool = True, **cluster: Any) -> NvSramTrit:
    parts = {
        "c_fixed": 0.5e-15,
        "c_branch": 0.05e-15,
        "reram": ReRam(r_lrs=80e3, r_mrs=280e3, r_hrs=1e6, sigma_lnr=0.1),
        "selector": Selector(v_on=0.6, i_off=1e-11, on_off=1e7, c_off=0.05e-15),
    }
    return NvSramTrit(
        clustered=clustered,
        sigma_vos=0.0,  # references at the geometric means
        **{"c_latch": 0.8e-15, "c_switch": 0.05e-15, "c_kick": 0.05e-15, "c_skew_1": 0.16e-15, "c_skew_2": 0.1e-15},
        cluster=NsnrCluster(n_per_cluster=n, n_clusters=n_clusters, **parts | cluster),
    )


def inputs(**values: Any) -> Restore:
    return Restore(**{"v_start": 0.6, "v_boost": 2.0, **values})
