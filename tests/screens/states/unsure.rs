//! What is not certain: a list that changed while it was read, a revocation that is not over when it is over.

use npm_warden::app::tokens::refresh;

use super::tokens::listed;
use super::{State, state};

pub(super) fn states() -> Vec<State> {
    vec![state("tokens that changed while they were read", {
        let mut model = listed(12);
        model.tokens.moved = true;
        refresh(&mut model);
        model
    })]
}
