//! One-time passwords: the RFC vectors, and what is read from a set-up address.

use npm_warden::domain::otp::{Diagnosis, Enrolment, EnrolmentError};
use npm_warden::domain::secret::Secret;

/// The RFCs' key of 20 bytes, `12345678901234567890`, in base32.
const KEY_20: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// The same digits to 32 bytes.
const KEY_32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
/// The same digits to 64 bytes.
const KEY_64: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA";

fn parse(url: &str) -> Result<Enrolment, EnrolmentError> {
    Enrolment::parse(url.into())
}

fn totp(parameters: &str) -> Enrolment {
    parse(&format!("otpauth://totp/npm:alice?{parameters}")).unwrap()
}

fn diagnose(enrolment: &Enrolment, code: &str, now: u64) -> Diagnosis {
    enrolment.diagnose(&Secret::from(code), now)
}

/// `code` is the one of the step that `at` lies in, and of no neighbour's: seen from two steps later,
/// it lags behind by exactly two steps.
fn is_the_code_of(enrolment: &Enrolment, code: &str, at: u64) {
    let period = enrolment.period;
    assert_eq!(
        diagnose(enrolment, code, at),
        Diagnosis::Current,
        "{code} at {at}"
    );
    assert_eq!(
        diagnose(enrolment, code, at + 2 * period),
        Diagnosis::OtherTime(-2 * i64::try_from(period).unwrap()),
        "{code} after {at}"
    );
}

#[test]
fn p13_rfc_4226_appendix_d() {
    let codes = [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
        "520489",
    ];
    let enrolment = totp(&format!("secret={KEY_20}"));
    for (counter, code) in (0..).zip(codes) {
        is_the_code_of(&enrolment, code, counter * 30);
        is_the_code_of(&enrolment, code, counter * 30 + 29);
    }
}

#[test]
fn p13_rfc_6238_appendix_b() {
    let times = [
        59,
        1_111_111_109,
        1_111_111_111,
        1_234_567_890,
        2_000_000_000,
        20_000_000_000,
    ];
    let vectors = [
        (
            "SHA1",
            KEY_20,
            [
                "94287082", "07081804", "14050471", "89005924", "69279037", "65353130",
            ],
        ),
        (
            "SHA256",
            KEY_32,
            [
                "46119246", "68084774", "67062674", "91819424", "90698825", "77737706",
            ],
        ),
        (
            "SHA512",
            KEY_64,
            [
                "90693936", "25091201", "99943326", "93441116", "38618901", "47863826",
            ],
        ),
    ];
    for (algorithm, key, codes) in vectors {
        let enrolment = totp(&format!("secret={key}&digits=8&algorithm={algorithm}"));
        assert_eq!(enrolment.digits, 8);
        for (at, code) in times.into_iter().zip(codes) {
            is_the_code_of(&enrolment, code, at);
        }
    }
}

#[test]
fn a_typed_code_is_diagnosed() {
    let enrolment = totp(&format!("secret={KEY_20}"));
    // 287082 belongs to 30–59.
    let cases = [
        ("287082", 45, Diagnosis::Current),
        ("287082", 15, Diagnosis::Current),
        ("287082", 89, Diagnosis::Current),
        ("287082", 90, Diagnosis::OtherTime(-60)),
        ("287082", 629, Diagnosis::OtherTime(-570)),
        ("287082", 1000, Diagnosis::OtherKey),
        // 969429 belongs to 90–119.
        ("969429", 0, Diagnosis::OtherTime(90)),
        ("000000", 45, Diagnosis::OtherKey),
        (" 287 082\n", 45, Diagnosis::Current),
        ("28708", 45, Diagnosis::NotACode(6)),
        ("2870822", 45, Diagnosis::NotACode(6)),
        ("28708a", 45, Diagnosis::NotACode(6)),
        ("٢٨٧٠٨٢", 45, Diagnosis::NotACode(6)),
        ("", 45, Diagnosis::NotACode(6)),
    ];
    for (code, now, expected) in cases {
        assert_eq!(diagnose(&enrolment, code, now), expected, "{code} at {now}");
    }
    // At the ends of time nothing overflows.
    assert_eq!(
        diagnose(&enrolment, "000000", u64::MAX),
        Diagnosis::OtherKey
    );
}

#[test]
fn a_key_of_eighty_bits_is_taken() {
    let enrolment = totp("secret=GEZDGNBVGY3TQOJQ");
    assert_eq!(enrolment.key().expose(), "GEZDGNBVGY3TQOJQ");
    // Computed apart from this program: HMAC-SHA-1 of counter 1 under `1234567890`.
    is_the_code_of(&enrolment, "263420", 30);
}

#[test]
fn keys_are_taken_as_people_write_them() {
    for key in [
        "gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
        "GEZD%20GNBV%20GY3T%20QOJQ%20GEZD%20GNBV%20GY3T%20QOJQ",
        "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ",
    ] {
        is_the_code_of(&totp(&format!("secret={key}")), "287082", 30);
    }
    is_the_code_of(&totp("secret=GEZDGNBVGY3TQOJQGE======"), "543561", 30);
}

#[test]
fn a_set_up_that_cannot_be_used_says_why_and_never_quotes_itself() {
    let cases = [
        ("", EnrolmentError::NotOtpauth),
        ("canary", EnrolmentError::NotOtpauth),
        ("https://totp/x?secret=canary", EnrolmentError::NotOtpauth),
        ("otpauth://hotp/x?secret=CANARYAA", EnrolmentError::NotTotp),
        ("otpauth:totp/x?secret=CANARYAA", EnrolmentError::NotTotp),
        ("otpauth://totp/canary", EnrolmentError::NoSecret),
        ("otpauth://totp/x?issuer=canary", EnrolmentError::NoSecret),
        ("otpauth://totp/x?secret=", EnrolmentError::NoSecret),
        (
            "otpauth://totp/x?secret=canary01",
            EnrolmentError::BadSecret,
        ),
        ("otpauth://totp/x?secret=---", EnrolmentError::BadSecret),
        (
            "otpauth://totp/x?secret=CANARYAA&digits=5",
            EnrolmentError::Unusable("number of digits"),
        ),
        (
            "otpauth://totp/x?secret=CANARYAA&digits=9",
            EnrolmentError::Unusable("number of digits"),
        ),
        (
            "otpauth://totp/x?secret=CANARYAA&digits=canary",
            EnrolmentError::Unusable("number of digits"),
        ),
        (
            "otpauth://totp/x?secret=CANARYAA&period=0",
            EnrolmentError::Unusable("period"),
        ),
        (
            "otpauth://totp/x?secret=CANARYAA&period=301",
            EnrolmentError::Unusable("period"),
        ),
        (
            "otpauth://totp/x?secret=CANARYAA&algorithm=MD5",
            EnrolmentError::Unusable("algorithm"),
        ),
    ];
    for (url, expected) in cases {
        let error = parse(url).unwrap_err();
        assert_eq!(error, expected, "{url}");
        assert!(
            !error.to_string().to_lowercase().contains("canary"),
            "{url}"
        );
    }
}

#[test]
fn the_label_is_what_the_authenticator_will_show() {
    let cases = [
        ("npm:alice", "", "npm", "alice"),
        ("npm%3Aalice", "", "npm", "alice"),
        (
            "My%20Registry:alice%40x.io",
            "",
            "My Registry",
            "alice@x.io",
        ),
        ("alice", "", "", "alice"),
        ("alice", "&issuer=npm", "npm", "alice"),
        ("old:alice", "&issuer=new", "new", "alice"),
        ("npm:a+b&c", "", "npm", "a+b&c"),
        ("npm:%20alice", "", "npm", "alice"),
        ("npm:a%1B%5B31mb", "", "npm", "ab"),
        ("", "", "", ""),
    ];
    for (label, more, issuer, account) in cases {
        let enrolment = parse(&format!("otpauth://totp/{label}?secret={KEY_20}{more}")).unwrap();
        assert_eq!(enrolment.issuer.as_str(), issuer, "{label}");
        assert_eq!(enrolment.account.as_str(), account, "{label}");
    }
}

#[test]
fn the_address_and_the_key_are_kept_as_they_were_sent() {
    let url = "otpauth://totp/npm:al%69ce?issuer=npm&secret=gezd%20gnbvgy3tqojq&x=%2f+";
    let enrolment = parse(url).unwrap();
    assert_eq!(enrolment.url().expose(), url);
    assert_eq!(enrolment.key().expose(), "gezd gnbvgy3tqojq");
    assert_eq!((enrolment.digits, enrolment.period), (6, 30));
}
