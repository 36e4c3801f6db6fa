//! How many requests of a batch may be under way: the one place that decides it.
//!
//! A registry may take a code once or many times, and a refused code counts towards a lock-out. So a
//! fresh code goes out with one request, then with one more, and only when that is accepted too do up to
//! [`WIDTH`] go at once. The first refusal drops to one at a time with a new question. Where the second
//! use of an accepted code was refused, each code serves once from then on.

/// How many requests go at once when nothing speaks against it.
pub(super) const WIDTH: usize = 8;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Send one more request.
    Send,
    /// Wait for an answer: of the registry, or of the person.
    Hold,
    /// Ask for a code before anything else is sent.
    Ask,
}

/// What a challenge means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Ask for a code; the request is sent again with it.
    Ask,
    /// The question is open or answered already: the request is only sent again.
    Again,
    /// No code is in play: pause, then go on one at a time.
    Slow,
}

/// Goes with a request from its sending to its answer.
#[derive(Debug)]
#[must_use = "every request that was sent has to come back"]
pub(super) struct Ticket {
    code: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// One request alone; so many were accepted with this code.
    Proving { accepted: u32 },
    /// As many as the width allows.
    Proved,
    /// A question is open.
    Asking,
    /// The code is used up.
    Spent,
}

/// The state of a batch. Knows no request and no code, only their order.
#[derive(Debug)]
pub(super) struct Batch {
    /// Counts the codes, and the times when the one at hand was given up.
    code: u32,
    /// There is a code at hand.
    coded: bool,
    standing: Standing,
    in_flight: usize,
    /// The registry refused the second use of a code that it had accepted.
    reuse_refused: bool,
    /// The present code serves once by its nature.
    single_use: bool,
    /// The present code has served before what is sent now began.
    carried: bool,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            code: 0,
            coded: false,
            standing: Standing::Proving { accepted: 0 },
            in_flight: 0,
            reuse_refused: false,
            single_use: false,
            carried: false,
        }
    }
}

impl Batch {
    /// Whether one more request may go.
    pub(super) fn next(&mut self) -> Next {
        match self.standing {
            Standing::Proving { .. } if self.in_flight == 0 => Next::Send,
            Standing::Proved if self.in_flight < WIDTH => Next::Send,
            Standing::Spent if self.in_flight == 0 => {
                self.standing = Standing::Asking;
                Next::Ask
            }
            _ => Next::Hold,
        }
    }

    /// A request goes out with the present code.
    pub(super) fn sent(&mut self) -> Ticket {
        self.in_flight += 1;
        Ticket { code: self.code }
    }

    /// The registry acted on it: the code, if there was one, is good.
    pub(super) fn accepted(&mut self, ticket: Ticket) {
        if self.came_back(ticket)
            && let Standing::Proving { accepted } = self.standing
        {
            let needed = if self.coded && !self.carried { 2 } else { 1 };
            self.carried = false;
            self.standing = if self.code_serves_once() {
                Standing::Spent
            } else if accepted + 1 >= needed {
                Standing::Proved
            } else {
                Standing::Proving {
                    accepted: accepted + 1,
                }
            };
        }
    }

    /// It ended in a way that says nothing about the code.
    pub(super) fn ended(&mut self, ticket: Ticket) {
        if self.came_back(ticket)
            && matches!(self.standing, Standing::Proving { .. })
            && self.code_serves_once()
        {
            self.standing = Standing::Spent;
        }
    }

    /// The registry wants a code, or another one.
    pub(super) fn challenged(&mut self, ticket: Ticket) -> Verdict {
        if !self.came_back(ticket) || self.standing == Standing::Asking {
            return Verdict::Again;
        }
        if self.coded && self.standing == (Standing::Proving { accepted: 1 }) {
            self.reuse_refused = true;
        }
        self.standing = Standing::Asking;
        self.carried = false;
        Verdict::Ask
    }

    /// More of the same kind comes after a while. A code that has served goes along while it `lives`, and alone at first;
    /// one that serves once waits for the next one.
    pub(super) fn goes_on(&mut self, lives: bool) {
        match self.standing {
            Standing::Spent => {}
            Standing::Proving { accepted: 1.. } if self.coded && lives => self.carried = true,
            Standing::Proved if self.coded && lives => {
                self.standing = Standing::Proving { accepted: 0 };
                self.carried = true;
            }
            _ => self.bare(),
        }
    }

    /// Whether there is a code at hand.
    pub(super) const fn has_code(&self) -> bool {
        self.coded
    }

    /// Whether the present code has served, so that a refusal is of its second use or of its age.
    pub(super) fn has_served(&self) -> bool {
        self.coded && (self.carried || self.standing == (Standing::Proving { accepted: 1 }))
    }

    /// The registry asks for patience. With a code in play a later one is needed, since codes age; but not where this one
    /// has served before, serves again, and lives on when the wait is over (`short`).
    pub(super) fn asked_to_wait(&mut self, ticket: Ticket, short: bool) -> Verdict {
        if !self.came_back(ticket) || self.standing == Standing::Asking {
            return Verdict::Again;
        }
        let has_served = matches!(
            self.standing,
            Standing::Proved | Standing::Proving { accepted: 1.. }
        );
        if self.coded && short && has_served && !self.code_serves_once() {
            self.standing = Standing::Proving { accepted: 1 };
            return Verdict::Slow;
        }
        if self.coded {
            self.standing = Standing::Asking;
            return Verdict::Ask;
        }
        self.standing = Standing::Proving { accepted: 0 };
        Verdict::Slow
    }

    /// The registry does not accept the credential: nothing goes before there is another one.
    pub(super) fn signed_out(&mut self, ticket: Ticket) -> Verdict {
        // Whatever code went along says nothing about that.
        self.came_back(ticket);
        if self.standing == Standing::Asking {
            return Verdict::Again;
        }
        self.standing = Standing::Asking;
        Verdict::Ask
    }

    /// It went out by a credential that is replaced by now, and is only sent again.
    pub(super) fn outdated(&mut self, ticket: Ticket) {
        self.ended(ticket);
    }

    /// Goes on without a code: a registry that wants one says so, and offers what it takes.
    pub(super) fn bare(&mut self) {
        self.code += 1;
        self.coded = false;
        self.single_use = false;
        self.carried = false;
        self.standing = Standing::Proving { accepted: 0 };
    }

    /// A new code is at hand; `single_use` when it is of the kind that serves once (a recovery code).
    pub(super) fn answered(&mut self, single_use: bool) {
        self.code += 1;
        self.coded = true;
        self.single_use = single_use;
        self.carried = false;
        self.standing = Standing::Proving { accepted: 0 };
    }

    /// True when the present code may go with one request only.
    pub(super) fn code_serves_once(&self) -> bool {
        self.coded && (self.reuse_refused || self.single_use)
    }

    /// True when the ticket is of the present code.
    pub(super) fn is_present(&self, ticket: &Ticket) -> bool {
        ticket.code == self.code
    }

    fn came_back(&mut self, Ticket { code }: Ticket) -> bool {
        self.in_flight = self.in_flight.saturating_sub(1);
        code == self.code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A registry's habits, for whole batches without any I/O.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Habit {
        /// Asks for nothing.
        Open,
        /// Takes a code any number of times.
        Lenient,
        /// Takes a code once.
        Once,
        /// Takes a code so many times, then it has lapsed.
        Lapses(u32),
    }

    struct Played {
        /// How often the person was asked.
        questions: u32,
        /// How many requests went out in all.
        requests: u32,
        /// How many were refused with a code.
        refusals: u32,
        /// How many went at once, round by round.
        rounds: Vec<usize>,
    }

    fn play(habit: Habit, mut rows: usize, single_use: bool) -> Played {
        let mut batch = Batch::default();
        let mut code = 0;
        let mut uses = 0;
        let mut played = Played {
            questions: 0,
            requests: 0,
            refusals: 0,
            rounds: Vec::new(),
        };
        while rows > 0 {
            let mut out = Vec::new();
            let mut ask = false;
            while out.len() < rows {
                match batch.next() {
                    Next::Send => out.push(batch.sent()),
                    Next::Hold => break,
                    Next::Ask => {
                        ask = true;
                        break;
                    }
                }
            }
            assert!(ask || !out.is_empty(), "stuck: {batch:?}");
            if !out.is_empty() {
                played.rounds.push(out.len());
            }
            for ticket in out {
                played.requests += 1;
                let good = match habit {
                    Habit::Open => true,
                    Habit::Lenient => code > 0 && (!single_use || uses == 0),
                    Habit::Once => code > 0 && uses == 0,
                    Habit::Lapses(after) => code > 0 && uses < after,
                };
                if good {
                    uses += 1;
                    rows -= 1;
                    batch.accepted(ticket);
                } else {
                    played.refusals += u32::from(code > 0);
                    ask |= batch.challenged(ticket) == Verdict::Ask;
                }
            }
            if ask {
                assert_eq!(
                    batch.next(),
                    Next::Hold,
                    "nothing goes while a question is open"
                );
                played.questions += 1;
                code += 1;
                uses = 0;
                batch.answered(single_use);
            }
        }
        played
    }

    #[test]
    fn without_a_challenge_one_goes_first_and_then_eight_at_once() {
        let played = play(Habit::Open, 100, false);
        assert_eq!((played.questions, played.requests), (0, 100));
        assert_eq!(&played.rounds[..3], &[1, 8, 8]);
        assert_eq!(played.rounds.len(), 1 + 99_usize.div_ceil(8));
    }

    #[test]
    fn one_challenge_serves_a_whole_batch_after_reuse_was_proved() {
        let played = play(Habit::Lenient, 100, false);
        assert_eq!((played.questions, played.refusals), (1, 0));
        assert_eq!(&played.rounds[..5], &[1, 1, 1, 8, 8]);
        assert_eq!(played.rounds.len(), 1 + 2 + 98_usize.div_ceil(8));
    }

    #[test]
    fn where_a_code_serves_once_exactly_one_reuse_is_tried_in_the_whole_batch() {
        let played = play(Habit::Once, 12, false);
        assert_eq!(played.refusals, 1);
        assert_eq!(played.questions, 12);
        assert!(played.rounds.iter().all(|n| *n == 1));
        assert_eq!(
            played.requests,
            12 + 2,
            "the bare first one and the refused reuse"
        );
    }

    #[test]
    fn p11_a_recovery_code_goes_with_one_request_and_is_not_tried_again() {
        let played = play(Habit::Lenient, 4, true);
        assert_eq!((played.questions, played.refusals), (4, 0));
    }

    #[test]
    fn a_code_that_lapses_on_the_way_is_replaced_and_proved_anew() {
        let played = play(Habit::Lapses(20), 60, false);
        assert!(played.questions >= 3);
        let after = played.rounds.iter().skip(6).position(|n| *n == 1);
        assert!(
            after.is_some(),
            "one at a time after the refusal: {:?}",
            played.rounds
        );
    }

    #[test]
    fn a_late_refusal_of_an_older_code_asks_nothing_new() {
        let mut batch = Batch::default();
        let first = batch.sent();
        batch.accepted(first);
        let (a, b) = (batch.sent(), batch.sent());
        assert_eq!(batch.challenged(a), Verdict::Ask);
        assert_eq!(batch.next(), Next::Hold);
        batch.answered(false);
        assert_eq!(batch.next(), Next::Hold, "the fresh code goes alone");
        assert_eq!(batch.challenged(b), Verdict::Again);
        assert_eq!(batch.next(), Next::Send);
    }

    #[test]
    fn patience_without_a_code_slows_down_and_with_one_asks_for_a_later_one() {
        let mut batch = Batch::default();
        let first = batch.sent();
        batch.accepted(first);
        let (a, b) = (batch.sent(), batch.sent());
        assert_eq!(batch.asked_to_wait(a, false), Verdict::Slow);
        batch.accepted(b);
        assert_eq!(batch.next(), Next::Send);
        let bare = batch.sent();
        assert_eq!(batch.challenged(bare), Verdict::Ask);
        batch.answered(false);
        let coded = batch.sent();
        assert_eq!(batch.asked_to_wait(coded, true), Verdict::Ask, "not proved");
    }

    #[test]
    fn a_code_that_has_served_lives_through_a_short_wait_and_goes_alone_afterwards() {
        for (short, verdict) in [(true, Verdict::Slow), (false, Verdict::Ask)] {
            let mut batch = Batch::default();
            batch.answered(false);
            let first = batch.sent();
            batch.accepted(first);
            let second = batch.sent();
            batch.accepted(second);
            let (a, b) = (batch.sent(), batch.sent());
            assert_eq!(batch.asked_to_wait(a, short), verdict);
            assert_eq!(batch.next(), Next::Hold);
            batch.accepted(b);
        }
        // One that serves once is used up.
        let mut batch = Batch::default();
        batch.answered(true);
        let only = batch.sent();
        assert_eq!(batch.asked_to_wait(only, true), Verdict::Ask);
    }

    #[test]
    fn a_code_that_has_served_goes_with_what_comes_next_and_alone_at_first() {
        // Taken once, taken often; the next request takes it, or does not.
        for (served, taken) in [(1, true), (1, false), (3, true), (3, false)] {
            let mut batch = Batch::default();
            batch.answered(false);
            for _ in 0..served {
                let ticket = batch.sent();
                batch.accepted(ticket);
            }
            batch.goes_on(true);
            assert!(batch.has_served());
            let next = batch.sent();
            assert_eq!(batch.next(), Next::Hold, "it goes alone");
            if taken {
                batch.accepted(next);
                assert_eq!(batch.next(), Next::Send);
                let ticket = batch.sent();
                assert_eq!(batch.next(), Next::Send, "it is proved");
                batch.accepted(ticket);
            } else {
                assert_eq!(batch.challenged(next), Verdict::Ask);
                batch.answered(false);
                let fresh = batch.sent();
                batch.accepted(fresh);
                // What served often was refused for its age.
                assert_eq!(batch.code_serves_once(), served == 1);
            }
        }
    }

    #[test]
    fn what_comes_next_begins_without_a_code_that_is_old_or_was_never_taken() {
        let mut never = Batch::default();
        never.answered(false);
        let mut old = Batch::default();
        old.answered(false);
        let ticket = old.sent();
        old.accepted(ticket);
        for (mut batch, lives) in [(never, true), (old, false)] {
            batch.goes_on(lives);
            assert!(!batch.has_served());
            let bare = batch.sent();
            batch.accepted(bare);
            assert_eq!(batch.next(), Next::Send);
        }
        // Where each serves once, the next one is asked for before anything goes.
        let mut once = Batch::default();
        once.answered(true);
        let ticket = once.sent();
        once.accepted(ticket);
        once.goes_on(true);
        assert_eq!(once.next(), Next::Ask);
    }

    /// Every order of answers up to a depth: the rule holds in all of them.
    #[test]
    fn no_order_of_answers_breaks_the_rule() {
        #[derive(Clone, Copy, Debug)]
        enum Reply {
            Accept,
            End,
            Challenge,
            Wait,
            ShortWait,
            SignedOut,
            Answer { single_use: bool },
            Bare,
        }
        const REPLIES: [Reply; 9] = [
            Reply::Accept,
            Reply::End,
            Reply::Challenge,
            Reply::Wait,
            Reply::ShortWait,
            Reply::SignedOut,
            Reply::Bare,
            Reply::Answer { single_use: false },
            Reply::Answer { single_use: true },
        ];
        const DEPTH: u32 = 6;
        let mut paths = 0_u32;
        for mut number in 0..REPLIES.len().pow(DEPTH) {
            let mut batch = Batch::default();
            let mut flying: Vec<Ticket> = Vec::new();
            let mut asking = false;
            let mut refused = Vec::new();
            // How often each code was accepted, and how often it has to be.
            let mut proved = vec![(0_u32, 1_u32)];
            for _ in 0..DEPTH {
                let reply = REPLIES[number % REPLIES.len()];
                number /= REPLIES.len();
                loop {
                    match batch.next() {
                        Next::Send => {
                            assert!(!asking, "sent while a question is open");
                            let ticket = batch.sent();
                            assert!(!refused.contains(&ticket.code), "a refused code went again");
                            let code = ticket.code as usize;
                            flying.push(ticket);
                            assert!(flying.len() <= WIDTH);
                            let (accepted, needed) = proved[code];
                            if accepted < needed {
                                assert_eq!(flying.len(), 1, "an unproved code goes alone");
                            }
                        }
                        Next::Ask => {
                            assert!(!asking);
                            asking = true;
                        }
                        Next::Hold => break,
                    }
                }
                assert!(asking || !flying.is_empty(), "stuck: {batch:?}");
                match reply {
                    Reply::Answer { single_use } if asking => {
                        asking = false;
                        batch.answered(single_use);
                        proved.push((0, 2));
                    }
                    Reply::Bare if asking => {
                        asking = false;
                        batch.bare();
                        proved.push((0, 1));
                    }
                    Reply::Answer { .. } | Reply::Bare => break,
                    _ if flying.is_empty() => break,
                    Reply::Accept => {
                        let ticket = flying.remove(0);
                        proved[ticket.code as usize].0 += 1;
                        batch.accepted(ticket);
                    }
                    Reply::End => batch.ended(flying.remove(0)),
                    Reply::Challenge => {
                        let ticket = flying.remove(0);
                        refused.push(ticket.code);
                        if batch.challenged(ticket) == Verdict::Ask {
                            assert!(!asking, "a second question at once");
                            asking = true;
                        }
                    }
                    Reply::SignedOut => {
                        if batch.signed_out(flying.remove(0)) == Verdict::Ask {
                            assert!(!asking);
                            asking = true;
                        }
                    }
                    Reply::Wait | Reply::ShortWait => {
                        let short = matches!(reply, Reply::ShortWait);
                        if batch.asked_to_wait(flying.remove(0), short) == Verdict::Ask {
                            assert!(!asking);
                            asking = true;
                        }
                    }
                }
            }
            paths += 1;
        }
        assert!(paths > 200_000);
    }
}
