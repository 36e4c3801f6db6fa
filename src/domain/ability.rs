//! What a registry can offer, so that a missing part is found out once and said in one sentence (E8).

/// A part of the account that not every registry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ability {
    /// Setting fields of the profile.
    EditProfile,
    /// Changing the password.
    ChangePassword,
    /// Listing and revoking tokens.
    Tokens,
    /// Making tokens.
    CreateTokens,
    /// Signing in on the registry's website.
    WebSignIn,
    /// Signing in by user name and password.
    PasswordSignIn,
    /// Making a new account from here.
    SignUp,
}
