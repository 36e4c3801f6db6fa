//! A backend in the test's own runtime, and the person in front of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use npm_warden::backend::protocol::{
    Answer, Asking, Challenge, Command, Confirm, Event, Outcome, Question, Request, RequestId,
    SignInAsked, Step, Web,
};
use npm_warden::backend::{Clock, Connector, Deps, run};
use npm_warden::domain::failure::Failure;
use npm_warden::domain::identity::{Identity, Standing};
use npm_warden::domain::signin::{Keep, SignIn};
use npm_warden::domain::token::TokenKey;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::script::Script;

/// Far longer than anything that a test waits for: on paused time it passes at once when nothing else can happen.
const NEVER: Duration = Duration::from_secs(24 * 3600);

/// A clock that stands still until it is set.
pub struct TestClock(pub Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub struct Bench {
    pub script: Script,
    pub folder: tempfile::TempDir,
    commands: Option<mpsc::UnboundedSender<Command>>,
    events: Option<mpsc::Receiver<Event>>,
    passed_over: VecDeque<Event>,
    task: JoinHandle<()>,
    ids: u64,
}

pub fn deps(folder: &tempfile::TempDir, clock: Arc<dyn Clock>) -> Deps {
    Deps {
        vault_dir: folder.path().join("vault"),
        place_dir: folder.path().to_owned(),
        home: None,
        clock,
        work: 2,
        seed: Some(7),
    }
}

impl Bench {
    pub fn new(script: Script) -> Self {
        Self::with_room(script, 64)
    }

    /// `room`: how many events fit into the channel.
    pub fn with_room(script: Script, room: usize) -> Self {
        let clock = TestClock(Mutex::new(Timestamp::from_second(1_700_000_010).unwrap()));
        let connector = script.clone();
        Self {
            script,
            ..Self::over(connector, Arc::new(clock), room)
        }
    }

    /// Over any registry.
    pub fn over<C: Connector>(connector: C, clock: Arc<dyn Clock>, room: usize) -> Self {
        Self::in_folder(connector, clock, room, tempfile::tempdir().unwrap())
    }

    fn in_folder<C: Connector>(
        connector: C,
        clock: Arc<dyn Clock>,
        room: usize,
        folder: tempfile::TempDir,
    ) -> Self {
        let (commands, orders) = mpsc::unbounded_channel();
        let (outbox, events) = mpsc::channel(room);
        let task = tokio::spawn(run(connector, deps(&folder, clock), orders, outbox));
        Self {
            script: Script::new(),
            folder,
            commands: Some(commands),
            events: Some(events),
            passed_over: VecDeque::new(),
            task,
            ids: 0,
        }
    }

    /// The same, over what an earlier one left on the disk.
    pub fn after(script: Script, folder: tempfile::TempDir) -> Self {
        let clock = TestClock(Mutex::new(Timestamp::from_second(1_700_000_990).unwrap()));
        let connector = script.clone();
        Self {
            script,
            ..Self::in_folder(connector, Arc::new(clock), 64, folder)
        }
    }

    /// The program dies here.
    pub async fn dies(self) -> tempfile::TempDir {
        self.task.abort();
        let _ = self.task.await;
        self.folder
    }

    pub fn send(&self, command: Command) {
        self.commands.as_ref().unwrap().send(command).unwrap();
    }

    pub fn start(&mut self, request: Request) -> RequestId {
        self.start_asking(request, Asking::Allowed)
    }

    pub fn start_asking(&mut self, request: Request, asking: Asking) -> RequestId {
        self.ids += 1;
        let id = RequestId(self.ids);
        self.send(Command::Start {
            id,
            request,
            asking,
        });
        id
    }

    pub fn answer(&self, id: RequestId, answer: Answer) {
        self.send(Command::Answer { id, answer });
    }

    pub fn code(&self, id: RequestId, code: &str) {
        self.answer(id, Answer::Code(code.into()));
    }

    pub fn cancel(&self, id: RequestId) {
        self.send(Command::Cancel { id });
    }

    pub fn hold(&self, id: RequestId, held: bool) {
        self.send(Command::Hold { id, held });
    }

    /// The next event.
    pub async fn next(&mut self) -> Event {
        if let Some(event) = self.passed_over.pop_front() {
            return event;
        }
        tokio::time::timeout(NEVER, self.events.as_mut().unwrap().recv())
            .await
            .expect("the backend is stuck")
            .expect("the backend has ended")
    }

    /// Whether nothing happens any more by itself.
    pub async fn is_quiet(&mut self) -> bool {
        let events = self.events.as_mut().unwrap();
        tokio::time::timeout(NEVER, events.recv()).await.is_err()
    }

    /// Everything that happens until nothing does any more by itself.
    pub async fn settle(&mut self) -> Vec<Event> {
        let mut all = Vec::from(std::mem::take(&mut self.passed_over));
        let events = self.events.as_mut().unwrap();
        while let Ok(Some(event)) = tokio::time::timeout(NEVER, events.recv()).await {
            all.push(event);
        }
        all
    }

    /// Passes events over until one fits.
    pub async fn until<T>(&mut self, mut fits: impl FnMut(&Event) -> Option<T>) -> T {
        loop {
            let event = self.next().await;
            if let Some(found) = fits(&event) {
                return found;
            }
            assert!(
                !matches!(event, Event::Finished { .. }),
                "ended instead: {event:?}"
            );
        }
    }

    pub async fn challenged(&mut self, by: RequestId) -> Challenge {
        self.until(|event| match event {
            Event::Asked {
                id,
                question: Question::Challenge(challenge),
            } if *id == by => Some(challenge.clone()),
            _ => None,
        })
        .await
    }

    /// The page on which somebody is to sign in.
    pub async fn shown_a_page(&mut self, by: RequestId) -> Web {
        self.until(|event| match event {
            Event::Asked {
                id,
                question: Question::Web(web),
            } if *id == by => Some(web.clone()),
            _ => None,
        })
        .await
    }

    pub async fn asked_to_sign_in(&mut self, by: RequestId) -> SignInAsked {
        self.until(|event| match event {
            Event::Asked {
                id,
                question: Question::SignIn(asked),
            } if *id == by => Some(asked.clone()),
            _ => None,
        })
        .await
    }

    /// Reads the account, so that it is known who is signed in; the script has the answers.
    pub async fn knows_the_account(&mut self) {
        let id = self.start(Request::Account);
        assert!(matches!(
            self.finished(id).await,
            Ok(Outcome::Account {
                standing: Standing::SignedIn(_),
                ..
            })
        ));
    }

    /// Signs in for this session with a password; the script has the answers.
    pub async fn signs_in(&mut self) -> Identity {
        let id = self.start(sign_in(Keep::Session));
        match self.finished(id).await {
            Ok(Outcome::SignedIn { identity, .. }) => *identity,
            other => panic!("{other:?}"),
        }
    }

    pub async fn asked_to_confirm(&mut self, by: RequestId) -> Confirm {
        self.until(|event| match event {
            Event::Asked {
                id,
                question: Question::Confirm(confirm),
            } if *id == by => Some(confirm.clone()),
            _ => None,
        })
        .await
    }

    pub async fn finished(&mut self, by: RequestId) -> Result<Outcome, Failure> {
        loop {
            match self.next().await {
                Event::Finished { id, result } if id == by => return result,
                _ => {}
            }
        }
    }

    /// Everything up to the end of a request, without the end itself.
    pub async fn rest(&mut self, by: RequestId) -> (Vec<Event>, Result<Outcome, Failure>) {
        let mut events = Vec::new();
        loop {
            match self.next().await {
                Event::Finished { id, result } if id == by => return (events, result),
                event => events.push(event),
            }
        }
    }

    /// Waits until a condition on the script holds; the backend gets its turns.
    pub async fn when(&self, mut holds: impl FnMut(&Script) -> bool) {
        for turn in 0..200_000 {
            if holds(&self.script) {
                return;
            }
            tokio::task::yield_now().await;
            // A file may be on its way to the disk, on a thread that may block: such threads get their turn, too.
            if turn > 10_000 {
                tokio::task::spawn_blocking(|| ()).await.unwrap();
            }
        }
        panic!("it never came to that");
    }

    /// Waits until something outside of the backend is true; time passes only when nothing else happens.
    pub async fn when_true(&self, mut holds: impl FnMut() -> bool) {
        for _ in 0..10_000 {
            if holds() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("it never came to that");
    }

    /// Nobody reads events from here on.
    pub fn stop_reading(&mut self) {
        self.events = None;
    }

    /// Ends the backend as the program does, and waits for it.
    pub async fn quit(mut self) -> (tempfile::TempDir, Vec<Event>) {
        self.commands = None;
        tokio::time::timeout(NEVER, &mut self.task)
            .await
            .expect("the backend did not end")
            .unwrap();
        let mut rest = Vec::from(self.passed_over);
        if let Some(mut events) = self.events {
            while let Ok(event) = events.try_recv() {
                rest.push(event);
            }
        }
        (self.folder, rest)
    }

    /// The program is killed; what it kept stays.
    pub async fn killed(mut self) -> tempfile::TempDir {
        self.task.abort();
        let _ = (&mut self.task).await;
        self.folder
    }

    /// The program is started again on what it kept.
    pub fn again(script: Script, folder: tempfile::TempDir) -> Self {
        let clock = TestClock(Mutex::new(Timestamp::from_second(1_700_000_010).unwrap()));
        let (commands, orders) = mpsc::unbounded_channel();
        let (outbox, events) = mpsc::channel(64);
        let task = tokio::spawn(run(
            script.clone(),
            deps(&folder, Arc::new(clock)),
            orders,
            outbox,
        ));
        Self {
            script,
            folder,
            commands: Some(commands),
            events: Some(events),
            passed_over: VecDeque::new(),
            task,
            ids: 0,
        }
    }

    /// The program begins to quit.
    pub fn close(&mut self) {
        self.commands = None;
    }
}

pub fn sign_in(keep: Keep) -> Request {
    Request::SignIn {
        how: SignIn::Password {
            name: "alice".to_owned(),
            password: "hunter22".into(),
        },
        keep,
        at: None,
        wanted: None,
    }
}

pub fn keys<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Vec<TokenKey> {
    keys.into_iter().map(TokenKey::new).collect()
}

pub fn is_step(event: &Event) -> Option<&Step> {
    match event {
        Event::Step { step, .. } => Some(step),
        _ => None,
    }
}
