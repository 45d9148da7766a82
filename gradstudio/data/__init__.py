"""The tasks: made-up and real data sets, their split and their scaling."""

from gradstudio.data.catalogue import DATA_SETS, DataSet, data_set, losses_for
from gradstudio.data.split import Scaling
from gradstudio.data.task import Data, make_data

__all__ = ["DATA_SETS", "Data", "DataSet", "Scaling", "data_set", "losses_for", "make_data"]
