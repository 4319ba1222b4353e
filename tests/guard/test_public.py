import cowise.guard as guard


def test_the_public_face_is_whole_and_sorted_by_kind():
    assert all(hasattr(guard, name) for name in guard.__all__)
    assert len(set(guard.__all__)) == len(guard.__all__)
