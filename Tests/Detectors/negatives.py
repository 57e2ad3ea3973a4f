"""What looks like an identifier and is none: lab values, doses, codes, versions, hashes, orders, rooms."""

import hashlib


def sentence(ids):
    """One sentence without any identifier."""
    r, d, s = ids.random, ids.digits, ids.spread
    low, high = r.randint(50, 99), r.randint(100, 190)
    return r.choice(
        [
            (
                f"BP {high}/{low}, HR {r.randint(50, 120)}, RR {r.randint(10, 24)}, SpO2 {r.randint(88, 100)}% on"
                f" {r.randint(1, 6)} L."
            ),
            f"Blood pressure was {high}/{low} mmHg sitting and {high - 8}/{low - 3} standing.",
            (
                f"Na {r.randint(125, 148)}, K {r.randint(30, 55) / 10}, Cl {r.randint(95, 110)}, CO2"
                f" {r.randint(18, 30)}, BUN {r.randint(5, 60)}, Cr {r.randint(5, 40) / 10}."
            ),
            f"WBC {r.randint(30, 180) / 10} K/uL, Hgb {r.randint(70, 170) / 10} g/dL, Plt {r.randint(90, 450)}.",
            f"Troponin <0.0{r.randint(1, 9)} ng/mL x{r.randint(2, 3)}; BNP {r.randint(20, 3000)} pg/mL.",
            (
                f"Start metoprolol succinate {r.choice([25, 50, 100])} mg PO daily, lisinopril {r.choice([5, 10, 20])}"
                " mg BID."
            ),
            f"Heparin 5000 units SC q8h; insulin glargine {r.randint(8, 40)} units at bedtime.",
            (
                f"Assessment: type 2 diabetes (ICD-10 E11.{r.randint(0, 9)}), hypertension (I10), CKD stage 3"
                f" (N18.3{r.randint(0, 2)})."
            ),
            f"Procedure codes: CPT 99{d(3)}, HCPCS J{d(4)}.",
            f"Dispensed NDC {d(5)}-{d(4)}-{d(2)}, quantity 30, refills 2.",
            f"NDC {d(4)}-{d(4)}-{d(2)} was substituted for the brand.",
            f"LOINC {d(4, '123456789')}-{d(1)} glucose {r.randint(70, 300)} mg/dL fasting.",
            f"SNOMED CT {d(9, '123456789')} recorded on the problem list.",
            (
                f"Software version {r.randint(1, 9)}.{r.randint(0, 20)}.{r.randint(0, 30)}.{r.randint(0, 255)} of the"
                " infusion pump firmware."
            ),
            f"Interface engine v{r.randint(1, 4)}.{r.randint(0, 9)}.{r.randint(0, 9)} restarted without errors.",
            f"Image digest sha256:{hashlib.sha256(d(8).encode()).hexdigest()}.",
            f"Commit {hashlib.sha1(d(8).encode()).hexdigest()[:10]} fixed the flow sheet.",
            f"Order #{d(8, '123456789')} for CBC with differential placed.",
            (
                f"Transferred to room {r.randint(100, 999)}, bed {r.randint(1, 4)}, unit"
                f" {r.randint(2, 9)}{r.choice('ABW')}."
            ),
            f"Pain {r.randint(1, 10)}/10 at rest, strength {r.randint(3, 5)}/5 throughout, reflexes 2+.",
            f"Visual acuity 20/{r.choice([20, 25, 40, 100])} OD, 20/{r.choice([20, 30, 50])} OS.",
            f"The patient is a {r.randint(18, 88)}-year-old with chest pain for {r.randint(2, 10)} days.",
            (
                f"Weight {r.randint(45, 140)}.{r.randint(0, 9)} kg, height {r.randint(150, 195)} cm, BMI"
                f" {r.randint(18, 44)}.{r.randint(0, 9)}."
            ),
            (
                f"EKG: rate {r.randint(55, 110)}, PR {r.randint(120, 220)}, QRS {r.randint(80, 130)}, QTc"
                f" {r.randint(390, 480)} ms."
            ),
            f"Ejection fraction {r.randint(20, 65)}-{r.randint(66, 70)}% by echocardiogram.",
            f"ABG: pH 7.{r.randint(25, 48)}, pCO2 {r.randint(30, 60)}, pO2 {r.randint(60, 110)}.",
            (
                f"Received {r.randint(500, 3000)} mL of normal saline over {r.randint(1, 8)} hours; output"
                f" {r.randint(200, 1500)} mL."
            ),
            f"Follow up in {r.randint(2, 6)} weeks; return sooner for fever over 101.5 F.",
            f"Lot {s('??####')} of the influenza vaccine, dose 0.5 mL IM left deltoid.",
            f"Enrolled in trial NCT0{d(7)} of a beta blocker.",
            f"PMID {d(8, '123')}; doi:10.1056/NEJM{d(6)}.",
            (
                f"Extension set changed per policy {r.randint(100, 900)}.{r.randint(1, 9)}; checklist item"
                f" {r.randint(1, 40)} of 40."
            ),
            f"Gauge {r.choice([18, 20, 22])} IV in the right forearm, 10 x 12 cm wound, grade {r.randint(1, 4)}.",
            f"Invoice total $1,{d(3)}.{d(2)}; copay $25.00.",
            f"Parkinson disease and Crohn disease were ruled out; Foley catheter and Hickman line in place.",
            f"Apgar scores 8 and 9 at 1 and 5 minutes; gestation 38 {r.randint(1, 6)}/7 weeks.",
            f"Glasgow Coma Scale 15; Wells score {r.randint(0, 6)}; CHA2DS2-VASc {r.randint(0, 6)}.",
            f"May take acetaminophen as needed; will reassess in March or sooner.",
            (
                f"Case series of {r.randint(1000, 9999)} {r.randint(1000, 9999)} pooled samples, ratio"
                f" {r.randint(1, 9)}:{r.randint(10, 99)}:{r.randint(10, 99)}."
            ),
            (
                f"Started at {r.randint(1, 12)}:{r.randint(10, 59)} and ended at"
                f" {r.randint(13, 23)}:{r.randint(10, 59)}:{r.randint(10, 59)}."
            ),
        ]
    )


def numbers(ids):
    """Fields of a record whose values are no identifiers, as a mapping for JSON and CSV."""
    r, d = ids.random, ids.digits
    return r.choice(
        [
            {"glucose": r.randint(70, 300), "unit": "mg/dL"},
            {"order_id": int(d(9, "123456789")), "status": "final"},
            {"systolic": r.randint(100, 180), "diastolic": r.randint(60, 99)},
            {"icd10": f"E11.{r.randint(0, 9)}", "cpt": "99" + d(3)},
            {"dose_mg": r.choice([5, 10, 25, 500]), "ndc": f"{d(5)}-{d(4)}-{d(2)}"},
            {"app_version": f"{r.randint(1, 9)}.{r.randint(0, 9)}.{r.randint(0, 99)}", "build": int(d(6, "123456789"))},
            {"sha256": hashlib.sha256(d(6).encode()).hexdigest()},
            {"room": r.randint(100, 900), "bed": r.randint(1, 4)},
            {"price_cents": int(d(6, "123456789")), "quantity": r.randint(1, 90)},
        ]
    )
