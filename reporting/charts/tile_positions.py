"""Where the districts of Hai Phong lie on the tile map, north up: there are no free data of their boundaries."""

PLACES = {  # by code: column and row
    "311": (2, 0),  # Thuỷ Nguyên
    "312": (1, 1),  # An Dương
    "303": (2, 1),  # Hồng Bàng
    "304": (3, 1),  # Ngô Quyền
    "306": (4, 1),  # Hải An
    "317": (5, 1),  # Cát Hải
    "313": (1, 2),  # An Lão
    "307": (2, 2),  # Kiến An
    "305": (3, 2),  # Lê Chân
    "309": (4, 2),  # Dương Kinh
    "316": (0, 3),  # Vĩnh Bảo
    "315": (1, 3),  # Tiên Lãng
    "314": (2, 3),  # Kiến Thuỵ
    "308": (4, 3),  # Đồ Sơn
    "318": (5, 4),  # Bạch Long Vĩ
}
