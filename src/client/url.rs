//! A database's URL, as SQLAlchemy and libpq write it, as libpq's environment variables: what is in a program's arguments, everybody
//! on the machine can read.

use std::fmt;

use percent_encoding::percent_decode_str;

use crate::nearest;

/// A database, and how to reach it. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// As SQLAlchemy takes it.
    url: String,
    variables: Vec<(&'static str, String)>,
    /// Parameters that libpq does not know: of drivers.
    unknown: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    #[error("it does not begin with `postgresql://`, `postgres://` or `postgresql+DRIVER://`")]
    Scheme,
    #[error("`{0}` is written with `%` and two hexadecimal digits that are no UTF-8")]
    Encoding(&'static str),
    #[error("the host `{0}` is no name, address or socket directory")]
    Host(String),
    #[error("psql does not know the parameter `{name}`{}", meant(.name))]
    Parameter { name: String },
    #[error("the parameter `ssl={0}` is not known")]
    Ssl(String),
    #[error("the host is given twice, before the path and as a parameter")]
    HostTwice,
}

fn meant(name: &str) -> String {
    let known = PARAMETERS.iter().map(|(known, _)| *known);
    let near = nearest::name(name, known);
    near.map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}

/// Parameters of libpq, and their variables.
const PARAMETERS: [(&str, &str); 24] = [
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("dbname", "PGDATABASE"),
    ("database", "PGDATABASE"),
    ("passfile", "PGPASSFILE"),
    ("service", "PGSERVICE"),
    ("options", "PGOPTIONS"),
    ("application_name", "PGAPPNAME"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslcrl", "PGSSLCRL"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("gssencmode", "PGGSSENCMODE"),
    ("krbsrvname", "PGKRBSRVNAME"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("load_balance_hosts", "PGLOADBALANCEHOSTS"),
];

impl Target {
    /// Reads a URL, `postgresql+asyncpg://user:secret@host:5432/name?ssl=require`. What it leaves out, libpq takes from its
    /// usual places. The parameters of drivers are for `--python`.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = url.split_once("://").ok_or(UrlError::Scheme)?;
        let dialect = scheme.split('+').next().unwrap_or_default();
        if !matches!(dialect, "postgresql" | "postgres") {
            return Err(UrlError::Scheme);
        }
        let mut target = Self {
            // libpq's other name, which SQLAlchemy does not know.
            url: match url.strip_prefix("postgres:") {
                Some(rest) => format!("postgresql:{rest}"),
                None => url.to_owned(),
            },
            // A server that does not answer would be waited for, minutes long.
            variables: vec![("PGCONNECT_TIMEOUT", "10".to_owned())],
            unknown: Vec::new(),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        // A password may hold an `@` that is not escaped: SQLAlchemy takes the last one.
        let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        target.add("PGUSER", decoded(user, "the user")?);
        target.add("PGPASSWORD", decoded(password, "the password")?);
        target.add("PGDATABASE", decoded(database, "the database")?);
        target.add_hosts(hosts.split(','))?;
        target.add_parameters(query)?;
        Ok(target)
    }

    fn add(&mut self, variable: &'static str, value: String) {
        if !value.is_empty() {
            self.variables.retain(|(name, _)| *name != variable);
            self.variables.push((variable, value));
        }
    }

    fn add_hosts<'a>(&mut self, hosts: impl Iterator<Item = &'a str>) -> Result<(), UrlError> {
        let hosts: Vec<(String, String)> = hosts
            .filter(|host| !host.is_empty())
            .map(host_and_port)
            .collect::<Result<_, _>>()?;
        if hosts.is_empty() {
            return Ok(());
        }
        if self.variables.iter().any(|(name, _)| *name == "PGHOST") {
            return Err(UrlError::HostTwice);
        }
        let (names, ports): (Vec<String>, Vec<String>) = hosts.into_iter().unzip();
        self.add("PGHOST", names.join(","));
        if ports.iter().any(|port| !port.is_empty()) {
            self.add("PGPORT", ports.join(","));
        }
        Ok(())
    }

    fn add_parameters(&mut self, query: &str) -> Result<(), UrlError> {
        let mut hosts = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(&value.replace('+', " "), "a parameter")?;
            match name {
                "host" => hosts.extend(value.split(',').map(str::to_owned)),
                // asyncpg and pg8000.
                "ssl" => self.add("PGSSLMODE", sslmode(&value)?),
                _ => {
                    let known = PARAMETERS.iter().find(|(known, _)| *known == name);
                    match known {
                        Some((_, variable)) => self.add(variable, value),
                        None => self.unknown.push(name.to_owned()),
                    }
                }
            }
        }
        self.add_hosts(hosts.iter().map(String::as_str))
    }

    /// The same for `psql`, which knows no parameters of drivers.
    pub fn for_psql(self) -> Result<Self, UrlError> {
        match self.unknown.first() {
            None => Ok(self),
            Some(name) => Err(UrlError::Parameter { name: name.clone() }),
        }
    }

    /// The same server, another database.
    pub fn with_database(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.add("PGDATABASE", name.to_owned());
        other
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// A message of another program, with the password taken out.
    pub(super) fn without_password(&self, text: &str) -> String {
        let password = self
            .variables
            .iter()
            .find(|(name, _)| *name == "PGPASSWORD");
        password.map_or_else(
            || text.to_owned(),
            |(_, password)| text.replace(password, "***"),
        )
    }
}

impl fmt::Display for Target {
    /// `user@host:5432/name`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |wanted: &str| {
            let found = self.variables.iter().find(|(name, _)| *name == wanted);
            found.map_or("", |(_, value)| value.as_str())
        };
        let (user, port) = (value("PGUSER"), value("PGPORT"));
        if !user.is_empty() {
            write!(f, "{user}@")?;
        }
        f.write_str(value("PGHOST"))?;
        if !port.is_empty() {
            write!(f, ":{port}")?;
        }
        write!(f, "/{}", value("PGDATABASE"))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `host`, `host:port`, `[::1]:port`, or a socket directory.
fn host_and_port(text: &str) -> Result<(String, String), UrlError> {
    let wrong = || UrlError::Host(text.to_owned());
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or_else(wrong)?;
            (host, port.strip_prefix(':').unwrap_or(port))
        }
        None if text.starts_with('/') => (text, ""),
        None => text.split_once(':').unwrap_or((text, "")),
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) || host.contains([' ', ',']) {
        return Err(wrong());
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
        _ => Err(UrlError::Ssl(value.to_owned())),
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

    fn variables(url: &str) -> Vec<String> {
        let target = Target::parse(url).unwrap();
        let pairs = target.environment().skip(1);
        pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    #[test]
    fn urls_of_sqlalchemy_and_of_libpq() {
        for (url, expected) in [
            ("postgresql://", &[][..]),
            (
                "postgresql+asyncpg://us%40er:p%3Aw@rd@db.example:5433/na%20me?ssl=true",
                &[
                    "PGUSER=us@er",
                    "PGPASSWORD=p:w@rd",
                    "PGDATABASE=na me",
                    "PGHOST=db.example",
                    "PGPORT=5433",
                    "PGSSLMODE=require",
                ],
            ),
            (
                "postgres://u@/db?host=/run/pg",
                &["PGUSER=u", "PGDATABASE=db", "PGHOST=/run/pg"],
            ),
            (
                "postgresql+psycopg://%2Frun%2Fpg/db",
                &["PGDATABASE=db", "PGHOST=/run/pg"],
            ),
            (
                "postgresql://[::1]:6000/db",
                &["PGDATABASE=db", "PGHOST=::1", "PGPORT=6000"],
            ),
            (
                "postgresql://a:1,b/db?target_session_attrs=read-write",
                &[
                    "PGDATABASE=db",
                    "PGHOST=a,b",
                    "PGPORT=1,",
                    "PGTARGETSESSIONATTRS=read-write",
                ],
            ),
            (
                "postgresql://u@/db?host=a:1&host=b:2",
                &["PGUSER=u", "PGDATABASE=db", "PGHOST=a,b", "PGPORT=1,2"],
            ),
            ("postgresql:///?service=jobs", &["PGSERVICE=jobs"]),
        ] {
            assert_eq!(variables(url), expected, "{url}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (url, error) in [
            ("mysql://a/b", UrlError::Scheme),
            ("db", UrlError::Scheme),
            (
                "postgresql://a/b?ssl=perhaps",
                UrlError::Ssl("perhaps".to_owned()),
            ),
            ("postgresql://a/b?host=c", UrlError::HostTwice),
            ("postgresql://a:b:c/d", UrlError::Host("a:b:c".to_owned())),
            ("postgresql://%ff@a/b", UrlError::Encoding("the user")),
        ] {
            assert_eq!(Target::parse(url), Err(error), "{url}");
        }
        let url = "postgresql://a/b?prepared_statement_cache_size=0";
        let name = "prepared_statement_cache_size".to_owned();
        let target = Target::parse(url).unwrap();
        assert_eq!(target.for_psql(), Err(UrlError::Parameter { name }));
    }

    #[test]
    fn the_password_is_shown_nowhere() {
        let target = Target::parse("postgresql://u:secret@h:1/d").unwrap();
        assert_eq!(format!("{target} {target:?}"), "u@h:1/d u@h:1/d");
        assert_eq!(target.without_password("no secret"), "no ***");
    }
}
