//! Asking for a piece of one code (promise P08).

use npm_warden::domain::recovery::RecoveryCodes;
use npm_warden::domain::secret::Secret;
use npm_warden::vault::ProofTask;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

fn codes(list: &[&str]) -> RecoveryCodes {
    RecoveryCodes::new(list.iter().map(|code| (*code).into()).collect())
}

fn check(task: ProofTask, codes: &RecoveryCodes, typed: &str) -> bool {
    task.check(codes, &Secret::from(typed))
}

#[test]
fn p08_a_task_lies_within_its_code_and_is_met_by_that_piece_alone() {
    let lists: [&[&str]; 5] = [
        &[
            "0123456789abcdef0123456789abcdef",
            "fedcba9876543210fedcba9876543210",
        ],
        &["12345678", "87654321", "13572468"],
        &["abcdefghijklm"],
        &["a", "", "bcd"],
        &["日本語のコード"],
    ];
    let mut rng = StdRng::seed_from_u64(7);
    for list in lists {
        let codes = codes(list);
        for _ in 0..300 {
            let task = ProofTask::pick(&codes, &mut rng, None).unwrap();
            // Counted as it is shown.
            let code: Vec<char> = codes
                .written()
                .nth(task.code - 1)
                .unwrap()
                .chars()
                .collect();
            assert!(1 <= task.from && task.from <= task.to && task.to <= code.len());
            let asked = task.to - task.from + 1;
            assert_eq!(asked, (code.len() / 2).clamp(1, 6));
            let piece: String = code[task.from - 1..task.to].iter().collect();
            assert!(check(task, &codes, &piece));
            assert!(check(task, &codes, &format!(" {piece}\n")));
            assert!(!check(task, &codes, &format!("{piece}x")));
            assert!(!check(task, &codes, ""));
            assert!(!check(task, &codes, "no such piece"));
        }
    }
}

#[test]
fn p08_what_cannot_be_seen_is_not_asked_for_where_there_is_a_plain_code() {
    let codes = codes(&["ab\u{1b}[2Jcd", "0123456789ab", "ef\u{202e}gh\u{200b}ij"]);
    let mut rng = StdRng::seed_from_u64(3);
    for not in [None, Some(1), Some(2)] {
        for _ in 0..100 {
            assert_eq!(ProofTask::pick(&codes, &mut rng, not).unwrap().code, 2);
        }
    }
}

#[test]
fn p08_every_code_and_every_place_comes_up_and_the_last_code_does_not() {
    let codes = codes(&["0123456789abcdef", "0123456789abcdef", "0123456789abcdef"]);
    let mut rng = StdRng::seed_from_u64(1);
    let picked: Vec<_> = (0..400)
        .map(|_| ProofTask::pick(&codes, &mut rng, Some(2)).unwrap())
        .collect();
    for code in [1, 3] {
        assert!(picked.iter().any(|task| task.code == code));
    }
    assert!(picked.iter().all(|task| task.code != 2));
    for from in 1..=11 {
        assert!(picked.iter().any(|task| task.from == from), "{from}");
    }
}

#[test]
fn p08_the_only_code_comes_up_again_and_no_code_never() {
    let mut rng = StdRng::seed_from_u64(1);
    let one = codes(&["0123456789ab"]);
    assert_eq!(ProofTask::pick(&one, &mut rng, Some(1)).unwrap().code, 1);
    assert_eq!(ProofTask::pick(&codes(&[]), &mut rng, None), None);
    assert_eq!(ProofTask::pick(&codes(&["", ""]), &mut rng, None), None);
}

#[test]
fn p08_case_is_passed_over_for_hexadecimal_codes_alone() {
    let task = ProofTask {
        code: 1,
        from: 1,
        to: 3,
    };
    assert!(check(task, &codes(&["abcdef"]), "ABC"));
    assert!(check(task, &codes(&["ABCDEF"]), "a b c"));
    assert!(!check(task, &codes(&["abcxyz"]), "ABC"));
    assert!(!check(task, &codes(&["abcdef", "xyz"]), "ABC"));
}

#[test]
fn p08_a_task_for_a_code_that_is_not_there_is_never_met() {
    let codes = codes(&["abcdef"]);
    for (code, from, to) in [(0, 1, 3), (2, 1, 3), (1, 9, 12), (1, 4, 2)] {
        let task = ProofTask { code, from, to };
        assert!(!check(task, &codes, ""));
        assert!(!check(task, &codes, "abc"));
    }
}
