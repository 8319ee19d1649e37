//! Fields as the grammar allows them (RFC 9110 section 11.6.1), in every style.

use bolero::TypeGenerator;
use bolero::produce;

use super::Challenge;

/// Text of what matters to the parser, more often than chance would have it.
#[derive(Clone, Debug, TypeGenerator)]
struct Text(#[generator(produce::<Vec<u8>>().with().len(0_usize..12))] Vec<u8>);

impl Text {
    fn of(&self, alphabet: &str) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let symbol = |byte: &u8| alphabet[usize::from(*byte) % alphabet.len()];
        self.0.iter().map(symbol).collect()
    }

    fn token(&self) -> String {
        let token = self.of("abcxyzABC019!#$%&'*+-.^_`|~");
        if token.is_empty() {
            "x".to_owned()
        } else {
            token
        }
    }
}

#[derive(Clone, Debug, TypeGenerator)]
enum Name {
    Error,
    Scope,
    AcrValues,
    MaxAge,
    Realm,
    Description,
    Any(Text),
}

#[derive(Clone, Debug, TypeGenerator)]
enum Value {
    Code(u8),
    Age(u32),
    Text(Text),
}

#[derive(Clone, Debug, TypeGenerator)]
struct Parameter {
    name: Name,
    value: Value,
    /// Something stands behind the value that must not, and so it is none.
    spoilt: u8,
    /// What the standards leave open: case, white space, quotes, backslashes.
    style: u32,
}

#[derive(Clone, Debug, TypeGenerator)]
enum Scheme {
    Bearer,
    Basic,
    DPoP,
    Any(Text),
}

/// A challenge of a field that follows the grammar, but for values that are spoilt.
#[derive(Clone, Debug, TypeGenerator)]
pub(crate) struct Written {
    scheme: Scheme,
    #[generator(produce::<Vec<Parameter>>().with().len(0_usize..5))]
    parameters: Vec<Parameter>,
    /// The one token of a scheme without parameters.
    token68: Option<Text>,
    style: u32,
}

/// Each bit of it decides once.
struct Style(u32);

impl Style {
    fn chance(&mut self) -> bool {
        let bit = self.0 & 1 == 1;
        self.0 = self.0.rotate_right(1);
        bit
    }

    fn space(&mut self) -> &'static str {
        match (self.chance(), self.chance()) {
            (true, true) => " \t",
            (true, false) => " ",
            _ => "",
        }
    }

    /// What parts two elements of a list: some may be empty.
    fn comma(&mut self) -> String {
        let empty = if self.chance() { " ,," } else { "" };
        format!("{}{empty},{}", self.space(), self.space())
    }

    fn cased(&mut self, text: &str) -> String {
        let cased = |symbol: char| match self.chance() {
            true => symbol.to_ascii_uppercase(),
            false => symbol,
        };
        text.chars().map(cased).collect()
    }
}

impl Parameter {
    fn is_spoilt(&self) -> bool {
        self.spoilt < 16
    }

    fn name(&self) -> String {
        match &self.name {
            Name::Error => "error".to_owned(),
            Name::Scope => "scope".to_owned(),
            Name::AcrValues => "acr_values".to_owned(),
            Name::MaxAge => "max_age".to_owned(),
            Name::Realm => "realm".to_owned(),
            Name::Description => "error_description".to_owned(),
            Name::Any(text) => text.token(),
        }
    }

    fn value(&self) -> String {
        let codes = [
            "invalid_request",
            "invalid_token",
            "insufficient_scope",
            "insufficient_user_authentication",
            "Invalid_Token",
            "invalid_grant",
        ];
        match &self.value {
            Value::Code(code) => codes[usize::from(*code) % codes.len()].to_owned(),
            Value::Age(age) => age.to_string(),
            Value::Text(text) => text.of("aB0 ,,\"\"\\\\==\t;(@/é~"),
        }
    }

    fn write(&self, field: &mut String) {
        let mut style = Style(self.style);
        let value = self.value();
        field.push_str(&style.cased(&self.name()));
        field.push_str(style.space());
        field.push('=');
        field.push_str(style.space());
        let is_token =
            |symbol: char| symbol.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(symbol);
        if !value.is_empty() && value.chars().all(is_token) && style.chance() {
            field.push_str(&value);
        } else {
            Parameter::quote(&value, &mut style, field);
        }
        if self.is_spoilt() {
            field.push_str([" y", ";", " =y"][self.style as usize % 3]);
        }
    }

    fn quote(value: &str, style: &mut Style, field: &mut String) {
        field.push('"');
        for symbol in value.chars() {
            if matches!(symbol, '"' | '\\') || (style.chance() && style.chance()) {
                field.push('\\');
            }
            field.push(symbol);
        }
        field.push('"');
    }
}

/// The field's value, and what it says.
pub(crate) fn field(challenges: &[Written]) -> (String, Vec<Challenge>) {
    let mut field = String::new();
    let mut said = Vec::new();
    for challenge in challenges {
        let mut style = Style(challenge.style);
        if !field.is_empty() || style.chance() {
            field.push_str(&style.comma());
        }
        let scheme = match &challenge.scheme {
            Scheme::Bearer => "bearer".to_owned(),
            Scheme::Basic => "basic".to_owned(),
            Scheme::DPoP => "dpop".to_owned(),
            Scheme::Any(text) => text.token(),
        };
        field.push_str(&style.cased(&scheme));
        let mut parameters = Vec::new();
        match &challenge.token68 {
            Some(text) => {
                let padding = ["", "=", "=="][challenge.style as usize % 3];
                let token = text.of("abcABC019-._~+/");
                field.push_str(&format!("  a{token}{padding}"));
            }
            None => {
                for (place, parameter) in challenge.parameters.iter().enumerate() {
                    match place {
                        0 => field.push(' '),
                        _ => field.push_str(&style.comma()),
                    }
                    parameter.write(&mut field);
                    if !parameter.is_spoilt() {
                        parameters.push((parameter.name(), parameter.value()));
                    }
                }
            }
        }
        said.push((scheme, parameters));
    }
    (field, said)
}
