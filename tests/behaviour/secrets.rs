//! That no token is ever printed.

use sessionkeeper::*;

use crate::support::Driver;

#[test]
fn no_debug_text_shows_a_token() {
    let mut driver = Driver::with(Config {
        verify: true,
        ..Config::default()
    });
    let answer = driver.grant(Span::from_hours(1));
    let token = answer.token.clone().unwrap().unwrap().token;
    let input = Input::Begin {
        ticket: Ticket(1),
        answer: answer.clone(),
    };
    driver.begin(answer.clone());
    let pending = format!("{:?}", driver.session);
    driver.verify(Verdict::Passed);
    let outcome = driver.success(answer.clone());
    let texts = [
        pending,
        format!("{:?}", driver.session),
        format!("{:#?}", driver.session),
        format!("{input:?} {answer:?} {outcome:?}"),
        format!(
            "{:?}",
            Effect::Verify {
                id: driver.checks[0],
                token: token.clone()
            }
        ),
        format!("{token:?}"),
    ];
    for text in texts {
        assert!(!text.is_empty());
        for part in token.expose().split('.') {
            assert!(!text.contains(part), "{text}");
        }
    }
}
