//! A database's URL, as SQLAlchemy and libpq write it, as libpq's connection parameters.

use std::fmt;

use percent_encoding::percent_decode_str;

/// A database, and how to reach it. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// As SQLAlchemy takes it.
    url: String,
    /// By libpq's names: all but the password.
    parameters: Vec<(String, String)>,
    password: String,
    /// The password as it is written in the URL.
    written: String,
}

/// None of the texts holds a part of the URL that may be a part of a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    #[error("it does not begin with `postgresql://`, `postgres://` or `postgresql+DRIVER://`")]
    Scheme,
    #[error("`{0}` is written with `%` and two hexadecimal digits that are no UTF-8")]
    Encoding(&'static str),
    #[error("the part before the host has a `/`, `?` or `#`")]
    Reserved,
    #[error("the host is no name, address or socket directory, or the port is no number")]
    Host,
    #[error("the name of a parameter is not valid")]
    Name,
    #[error("the parameter `{0}` is a secret, and psql accepts it only among its arguments")]
    Secret(String),
    #[error("the value of the parameter `ssl` is not known")]
    Ssl,
    #[error("the host is given twice, before the path and as a parameter")]
    HostTwice,
}

/// Parameters of libpq that everybody could see among a program's arguments.
const SECRETS: [&str; 3] = ["sslpassword", "oauth_client_secret", "scram_client_key"];

impl Target {
    /// Reads a URL, `postgresql+asyncpg://user:secret@host:5432/name?ssl=require`. What it leaves out, libpq takes from its
    /// usual places; a parameter that libpq does not know, psql names.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = url.split_once("://").ok_or(UrlError::Scheme)?;
        let dialect = scheme.split('+').next().unwrap_or_default();
        if !matches!(dialect, "postgresql" | "postgres") {
            return Err(UrlError::Scheme);
        }
        // A password may hold an `@` that is not escaped: SQLAlchemy takes the last one.
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (user, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
        let is_cut = query.contains('@') && user.is_empty() && !rest.contains('/');
        if user.contains(['/', '#']) || is_cut {
            return Err(UrlError::Reserved);
        }
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        let (hosts, database) = rest.split_once('/').unwrap_or((rest, ""));
        let mut target = Self {
            // libpq's other name, which SQLAlchemy does not know.
            url: match url.strip_prefix("postgres:") {
                Some(rest) => format!("postgresql:{rest}"),
                None => url.to_owned(),
            },
            parameters: Vec::new(),
            password: decoded(password, "the password")?,
            written: password.to_owned(),
        };
        target.add("user", decoded(user, "the user")?);
        target.add("dbname", decoded(database, "the database")?);
        target.add_hosts(hosts.split(','))?;
        target.add_parameters(query)?;
        Ok(target)
    }

    fn add(&mut self, name: &str, value: String) {
        if !value.is_empty() {
            self.parameters.retain(|(known, _)| known != name);
            self.parameters.push((name.to_owned(), value));
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn add_hosts<'a>(&mut self, hosts: impl Iterator<Item = &'a str>) -> Result<(), UrlError> {
        let hosts: Vec<(String, String)> = hosts
            .filter(|host| !host.is_empty())
            .map(host_and_port)
            .collect::<Result<_, _>>()?;
        if hosts.is_empty() {
            return Ok(());
        }
        if self.value("host").is_some() {
            return Err(UrlError::HostTwice);
        }
        let (names, ports): (Vec<String>, Vec<String>) = hosts.into_iter().unzip();
        self.add("host", names.join(","));
        if ports.iter().any(|port| !port.is_empty()) {
            self.add("port", ports.join(","));
        }
        Ok(())
    }

    fn add_parameters(&mut self, query: &str) -> Result<(), UrlError> {
        let mut hosts = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            {
                return Err(UrlError::Name);
            }
            let value = decoded(&value.replace('+', " "), "a parameter")?;
            match name {
                "host" => hosts.extend(value.split(',').map(str::to_owned)),
                "password" => self.password = value,
                "database" => self.add("dbname", value),
                // asyncpg and pg8000.
                "ssl" => self.add("sslmode", sslmode(&value)?),
                secret if SECRETS.contains(&secret) => {
                    return Err(UrlError::Secret(secret.to_owned()));
                }
                _ => self.add(name, value),
            }
        }
        self.add_hosts(hosts.iter().map(String::as_str))
    }

    /// The same server, another database.
    pub fn with_database(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.add("dbname", name.to_owned());
        other
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn has_host(&self) -> bool {
        self.value("host").is_some()
    }

    pub(super) fn password(&self) -> &str {
        &self.password
    }

    /// libpq's connection string, without the password. A server that does not answer is not waited for for minutes.
    pub fn conninfo(&self) -> String {
        let timeout = ("connect_timeout".to_owned(), "10".to_owned());
        let timeout = Some(&timeout).filter(|(name, _)| self.value(name).is_none());
        let quoted = |(name, value): &(String, String)| {
            let value = value.replace('\\', "\\\\").replace('\'', "\\'");
            format!("{name}='{value}'")
        };
        let parameters: Vec<String> = timeout
            .into_iter()
            .chain(&self.parameters)
            .map(quoted)
            .collect();
        parameters.join(" ")
    }

    /// A message of another program, with the password taken out. A very short one is left, since a gap would tell it.
    pub(super) fn without_password(&self, text: &str) -> String {
        const SHORT: usize = 4;
        let mut text = text.to_owned();
        for secret in [&self.password, &self.written] {
            if secret.len() >= SHORT {
                text = text.replace(secret.as_str(), "***");
            }
        }
        text
    }
}

impl fmt::Display for Target {
    /// `user@host:5432/name`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |name: &str| self.value(name).unwrap_or_default();
        let (user, port) = (value("user"), value("port"));
        if !user.is_empty() {
            write!(f, "{user}@")?;
        }
        f.write_str(value("host"))?;
        if !port.is_empty() {
            write!(f, ":{port}")?;
        }
        write!(f, "/{}", value("dbname"))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `host`, `host:port`, `[::1]:port`, or a socket directory.
fn host_and_port(text: &str) -> Result<(String, String), UrlError> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or(UrlError::Host)?;
            (host, port.strip_prefix(':').unwrap_or(port))
        }
        None if text.starts_with('/') => (text, ""),
        None => text.split_once(':').unwrap_or((text, "")),
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) || host.contains([' ', ',']) {
        return Err(UrlError::Host);
    }
    Ok((decoded(host, "the host")?, port.to_owned()))
}

fn sslmode(value: &str) -> Result<String, UrlError> {
    const MODES: [&str; 6] = [
        "disable",
        "allow",
        "prefer",
        "require",
        "verify-ca",
        "verify-full",
    ];
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok("require".to_owned()),
        "false" | "0" => Ok("disable".to_owned()),
        mode if MODES.contains(&mode) => Ok(mode.to_owned()),
        _ => Err(UrlError::Ssl),
    }
}

fn decoded(text: &str, what: &'static str) -> Result<String, UrlError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded
        .map(Into::into)
        .map_err(|_| UrlError::Encoding(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_sqlalchemy_and_of_libpq() {
        for (url, password, expected) in [
            ("postgresql://", "", ""),
            (
                "postgresql+asyncpg://us%40er:p%3Aw@rd@db.example:5433/na%20me?ssl=true",
                "p:w@rd",
                "user='us@er' dbname='na me' host='db.example' port='5433' sslmode='require'",
            ),
            (
                "postgres://u@/db?host=/run/pg&password=it%27s",
                "it's",
                "user='u' dbname='db' host='/run/pg'",
            ),
            (
                "postgresql+psycopg://%2Frun%2Fp'g\\/db",
                "",
                "dbname='db' host='/run/p\\'g\\\\'",
            ),
            (
                "postgresql://[::1]:6000/db",
                "",
                "dbname='db' host='::1' port='6000'",
            ),
            (
                "postgresql://a:1,b/db?target_session_attrs=read-write",
                "",
                "dbname='db' host='a,b' port='1,' target_session_attrs='read-write'",
            ),
            (
                "postgresql://u@/db?host=a:1&host=b:2",
                "",
                "user='u' dbname='db' host='a,b' port='1,2'",
            ),
            ("postgresql:///?service=jobs", "", "service='jobs'"),
            (
                "postgresql://h/d?application_name=me@box",
                "",
                "dbname='d' host='h' application_name='me@box'",
            ),
        ] {
            let target = Target::parse(url).unwrap();
            let conninfo = target.conninfo();
            let rest = conninfo.strip_prefix("connect_timeout='10'").unwrap();
            assert_eq!(
                (target.password(), rest.trim()),
                (password, expected),
                "{url}"
            );
        }
        let slow = Target::parse("postgresql:///?connect_timeout=99").unwrap();
        assert_eq!(slow.conninfo(), "connect_timeout='99'");
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (url, error) in [
            ("mysql://a/b", UrlError::Scheme),
            ("db", UrlError::Scheme),
            ("postgresql://a/b?ssl=perhaps", UrlError::Ssl),
            (
                "postgresql://a/b?sslpassword=x",
                UrlError::Secret("sslpassword".to_owned()),
            ),
            ("postgresql://a/b?host=c", UrlError::HostTwice),
            ("postgresql://a:b:c/d", UrlError::Host),
            ("postgresql://%ff@a/b", UrlError::Encoding("the user")),
            ("postgresql://u:SEC/RET@h/d", UrlError::Reserved),
            ("postgresql://u:SEC?RET@h/d", UrlError::Reserved),
            ("postgresql://u:SECRET/h@d?x y=z", UrlError::Reserved),
            ("postgresql://u:12?a=34RET@h/d", UrlError::Reserved),
            ("postgresql://u:12?34RET", UrlError::Name),
        ] {
            assert_eq!(Target::parse(url), Err(error), "{url}");
        }
    }

    #[test]
    fn the_password_is_shown_nowhere() {
        let target = Target::parse("postgresql://u:s%65cret@h:1/d").unwrap();
        assert_eq!(format!("{target} {target:?}"), "u@h:1/d u@h:1/d");
        assert_eq!(
            target.without_password("no secret, no s%65cret"),
            "no ***, no ***"
        );
        let short = Target::parse("postgresql://u:a@h/d").unwrap();
        assert_eq!(short.without_password("password"), "password");
    }
}
