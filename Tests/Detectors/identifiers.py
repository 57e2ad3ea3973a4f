"""Identifiers of made-up people, each spelled in the ways that people and programs spell it.

The numbers come from the issuers' own rules (check digits, areas that are never issued) and the people from Faker.
Nothing here knows how the scanner works.
"""

import random
import string

from faker import Faker

SPACES = [" ", " ", " ", "\u00a0", "\u2009", "\u202f"]


class Identifiers:
    """Draws identifiers; the same seed draws the same ones."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.fake = Faker("en_US")
        self.fake.seed_instance(seed)
        self.abroad = [Faker(locale) for locale in ("de_DE", "fr_FR", "es_ES")]
        for fake in self.abroad:
            fake.seed_instance(seed)

    def pick(self, *choices):
        return self.random.choice(choices)

    def digits(self, count, first="0123456789"):
        return self.random.choice(first) + "".join(self.random.choices(string.digits, k=count - 1))

    def letters(self, count):
        return "".join(self.random.choices(string.ascii_uppercase, k=count))

    def spread(self, pattern):
        """`pattern` with # for a digit and ? for a capital."""
        draw = {"#": lambda: self.digits(1), "?": lambda: self.letters(1)}
        return "".join(draw.get(c, lambda c=c: c)() for c in pattern)

    # (A) to (C)

    def first_name(self):
        return self.fake.first_name()

    def full_name(self):
        style = self.random.random()
        first, last = self.fake.first_name(), self.fake.last_name()
        if style < 0.55:
            return f"{first} {last}"
        if style < 0.7:
            return f"{first} {self.letters(1)}. {last}"
        if style < 0.8:
            return f"{last}, {first}"
        if style < 0.88:
            return f"{last.upper()}, {first.upper()}"
        if style < 0.94:
            return f"{first} {last}-{self.fake.last_name()}"
        return f"{first[0]}. {last}"

    def street(self):
        unit = self.pick("", "", "", f", Apt {self.digits(1)}{self.letters(1)}", f" Unit {self.digits(2, '123')}")
        return (
            self.fake.street_address()
            if self.random.random() < 0.5
            else (
                f"{self.digits(self.random.randint(2, 5), '123456789')}"
                f" {self.pick('', 'N ', 'West ', 'S. ')}{self.fake.last_name()}"
                f" {self.pick('St', 'Street', 'Ave', 'Avenue', 'Rd', 'Blvd.', 'Lane', 'Ct', 'Dr')}{unit}"
            )
        )

    def city_line(self):
        code = self.fake.postcode()
        return f"{self.fake.city()}, {self.fake.state_abbr(include_territories=False)} {code}"

    def date(self, unusual=False):
        day = self.fake.date_between("-85y", "today")
        y, m, d = day.year, day.month, day.day
        forms = [
            f"{m:02}/{d:02}/{y}",
            f"{m}/{d}/{y}",
            f"{m:02}/{d:02}/{y % 100:02}",
            f"{y}-{m:02}-{d:02}",
            f"{m:02}-{d:02}-{y}",
            f"{day:%B} {d}, {y}",
            f"{day:%b} {d}, {y}",
            f"{d} {day:%B} {y}",
            f"{d:02}-{day:%b}-{y}",
            f"{d:02}.{m:02}.{y}",
            f"{day:%b}. {d} {y}",
            f"{day:%B} {self.ordinal(d)}, {y}",
            f"{y}/{m:02}/{d:02}",
            f"{d:02}{day:%b}{y}".upper(),
        ]
        strange = [
            f"{y}\u2011{m:02}\u2011{d:02}",
            f"{m:02} / {d:02} / {y}",
            f"{day:%B}\u00a0{d},\u00a0{y}",
            f"{m:02}\u2013{d:02}\u2013{y}",
            f"{self.ordinal(d)} of {day:%B} {y}",
            f"{day:%B}\n{d}, {y}",
            f"{m:02}.{d:02}.{y}",
            f"{day:%B} {y}",
        ]
        return self.random.choice(strange if unusual else forms)

    @staticmethod
    def ordinal(number):
        suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{suffix}"

    def old_age(self):
        return str(self.random.randint(90, 104))

    # (D) to (G)

    def phone_parts(self):
        area = self.digits(3, "23456789")
        return (
            ("212" if area[1:] == "11" else area),
            self.digits(1, "23456789") + self.pick("2", "3", "5", "7") + self.digits(1),
            self.digits(4),
        )

    def phone(self, unusual=False):
        a, b, c = self.phone_parts()
        forms = [
            f"({a}) {b}-{c}",
            f"{a}-{b}-{c}",
            f"{a}.{b}.{c}",
            f"{a} {b} {c}",
            f"+1 {a} {b} {c}",
            f"1-{a}-{b}-{c}",
            f"({a}){b}-{c}",
            f"+1-{a}-{b}-{c}",
            f"+1{a}{b}{c}",
            f"{a}-{b}-{c} x{self.digits(3)}",
        ]
        strange = [
            f"{a}\u2011{b}\u2011{c}",
            f"{a}\u2013{b}\u2013{c}",
            f"({a})\u00a0{b}\u2010{c}",
            f"{a} - {b} - {c}",
            f"{a}/{b}-{c}",
            f"+44 20 7946 {self.digits(4)}",
            f"+49 30 {self.digits(7, '1234')}",
            f"{a}\u2009{b}\u2009{c}",
            f"{a}-{b}-{c} ext. {self.digits(4)}",
        ]
        return self.random.choice(strange if unusual else forms)

    def email(self, unusual=False):
        if unusual:
            name, site = self.fake.user_name(), self.fake.domain_name()
            return self.pick(
                f"{name}+clinic@mail.{site}",
                f"{name.upper()}@{site.upper()}",
                f"{name}_{self.digits(2)}@{site}",
                f"o'{name}@{site}",
                f"{name}@{site.split('.')[0]}.co.uk",
            )
        return self.fake.email()

    def ssn(self, unusual=False):
        area = self.pick("001", "123", "219", "457", "518", "665", "701", "899")
        parts = (area, f"{self.random.randint(1, 99):02}", f"{self.random.randint(1, 9999):04}")
        if not unusual:
            return "-".join(parts)
        return self.pick("-", " ", "\u2011", "\u2013", "\u2212", ".", " - ", "\u00a0").join(parts)

    # (H) to (M)

    def mrn(self):
        return self.pick(
            self.digits(7),
            self.digits(8),
            self.digits(6),
            f"{self.digits(3)}-{self.digits(2)}-{self.digits(2)}",
            self.spread("?######"),
            self.spread("MR-#######"),
            self.spread("##-##-##"),
            self.spread("??#####"),
        )

    def mbi(self):
        letter = lambda: self.pick(*"ACDEFGHJKMNPQRTUVWXY")
        mixed = lambda: self.pick(*"0123456789ACDEFGHJKMNPQRTUVWXY")
        digit = lambda: self.digits(1)
        number = (
            self.digits(1, "123456789")
            + letter()
            + mixed()
            + digit()
            + letter()
            + mixed()
            + digit()
            + letter()
            + letter()
            + digit()
            + digit()
        )
        return self.pick(number, f"{number[:4]}-{number[4:7]}-{number[7:]}")

    def member_id(self):
        return self.pick(
            self.spread("???#########"), self.spread("#########-##"), self.spread("?########"), self.digits(10)
        )

    @staticmethod
    def luhn_digit(number):
        total = 0
        for index, digit in enumerate(reversed(number)):
            value = int(digit) * (2 if index % 2 == 0 else 1)
            total += value - 9 if value > 9 else value
        return str(-total % 10)

    def card(self, unusual=False):
        number = self.fake.credit_card_number(self.pick("visa16", "mastercard", "amex", "discover"))
        if len(number) == 15:
            groups = [number[:4], number[4:10], number[10:]]
        else:
            groups = [number[i : i + 4] for i in range(0, len(number), 4)]
        return (self.pick("\u2011", "\u00a0", " - ", "\u2013") if unusual else self.pick("", " ", "-")).join(groups)

    def iban(self):
        number = self.pick(self.fake, *self.abroad).iban()
        return self.pick(number, " ".join(number[i : i + 4] for i in range(0, len(number), 4)))

    def account(self):
        return self.pick(
            self.digits(10),
            self.digits(8),
            self.digits(12),
            f"{self.digits(4)}-{self.digits(6)}",
            self.spread("??########"),
        )

    def npi(self):
        body = self.pick("1", "2") + self.digits(8)
        return body + self.luhn_digit("80840" + body)

    def dea(self):
        d = [int(c) for c in self.digits(6)]
        check = (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10
        return self.pick(*"ABFGM") + self.letters(1) + "".join(map(str, d)) + str(check)

    def license(self):
        return self.pick(
            self.spread("?#######"),
            self.spread("???-##-####"),
            self.digits(9),
            self.spread("?###-####-####"),
            self.spread("??######"),
        )

    def vin(self):
        values = dict(
            zip("ABCDEFGHJKLMNPRSTUVWXYZ", [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9])
        )
        values.update({str(i): i for i in range(10)})
        weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
        number = [self.random.choice(list(values)) for _ in range(17)]
        number[0] = self.pick("1", "2", "J", "W")
        rest = sum(values[c] * w for c, w in zip(number, weights)) % 11
        number[8] = "X" if rest == 10 else str(rest)
        return "".join(number)

    def plate(self):
        return self.fake.license_plate()

    def imei(self):
        body = self.pick("35", "86", "01") + self.digits(12)
        number = body + self.luhn_digit(body)
        return self.pick(number, f"{number[:2]}-{number[2:8]}-{number[8:14]}-{number[14]}")

    def serial(self):
        return self.pick(
            self.spread("???######?"), self.spread("SN-########"), self.digits(9), self.spread("?##-####-##")
        )

    def mac(self):
        return self.pick(self.fake.mac_address(), self.fake.mac_address().upper().replace(":", "-"))

    def udi(self):
        return (
            f"(01){self.digits(14)}(17)2{self.digits(1, '678')}0{self.digits(1, '123456789')}15"
            f"(21){self.letters(2)}{self.digits(6)}"
        )

    # (N) to (R)

    def url(self):
        path = self.fake.uri_path()
        return self.pick(
            f"https://www.{self.fake.domain_name()}/{path}?id={self.digits(5)}",
            self.fake.url(),
            f"http://{self.fake.domain_name()}/{path}",
            f"www.{self.fake.domain_name()}/{path}",
            f"https://{self.fake.domain_name()}:8443/chart#{self.digits(3)}",
        )

    def ip(self):
        return self.pick(
            self.fake.ipv4(),
            self.fake.ipv4(),
            self.fake.ipv6(),
            f"fe80::{self.random.randint(1, 9999):x}",
            f"2001:db8::{self.digits(4)}",
        )

    def biometric(self):
        return self.pick(self.spread("FP-########"), self.spread("????-######"), self.digits(12))

    def photo(self):
        return self.pick(
            f"{self.fake.user_name()}_face.jpg",
            f"IMG_{self.digits(4)}.jpeg",
            f"{self.fake.last_name().lower()}-portrait.png",
        )

    def other(self):
        return self.pick(self.spread("###-???-####"), self.digits(9), self.spread("??-#####"))
