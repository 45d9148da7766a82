"""Files that come with the program are found."""

from gradstudio.resources import resource


def test_the_digits_and_their_notice_are_there():
    assert resource("data", "mnist5k.npz").is_file()
    notice = resource("data", "NOTICE-mnist5k.md").read_text(encoding="utf-8")
    for words in ("Yann LeCun", "Corinna Cortes", "Burges", "CC BY-SA 3.0", "500 of each class"):
        assert words in notice
