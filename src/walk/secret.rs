//! Files that hold passwords and keys: in goes a path or a content, out comes what it is, if it is well known to be a
//! secret.
//!
//! A name is in the tables only if the manual of the program that reads the file says that it keeps secrets there, and a
//! content only if it is a private key. No guess is made at anything else: a text about passwords is a text.

use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The largest file that is looked into for a private key, in bytes: a key has a few KiB, and the certificates that may
/// stand before it in the same file some tens.
pub(crate) const MAX_KEY_BYTES: u64 = 64 << 10;

const ENVIRONMENT: &str = "environment of a program";
const PASSWORDS: &str = "passwords";
const TOKEN: &str = "access token";
const KEY: &str = "private key";
const STORE: &str = "store of keys";

/// Files of these names, wherever they lie; capitals do not matter here or below.
const NAMES: &[(&str, &str)] = &[
    (".env", ENVIRONMENT),
    (".envrc", ENVIRONMENT),
    (".netrc", PASSWORDS),
    ("_netrc", PASSWORDS),
    (".authinfo", PASSWORDS),
    (".pgpass", PASSWORDS),
    ("pgpass.conf", PASSWORDS),
    (".my.cnf", PASSWORDS),
    (".mylogin.cnf", PASSWORDS),
    (".git-credentials", PASSWORDS),
    (".htpasswd", PASSWORDS),
    (".pypirc", PASSWORDS),
    (".msmtprc", PASSWORDS),
    (".fetchmailrc", PASSWORDS),
    (".smbcredentials", PASSWORDS),
    (".passwd-s3fs", PASSWORDS),
    (".s3cfg", TOKEN),
    (".boto", TOKEN),
    (".dockercfg", TOKEN),
    (".vault-token", TOKEN),
    ("rclone.conf", TOKEN),
    ("credentials.json", TOKEN),
    ("client_secret.json", TOKEN),
    ("application_default_credentials.json", TOKEN),
    ("credentials.tfrc.json", TOKEN),
    ("id_rsa", KEY),
    ("id_dsa", KEY),
    ("id_ecdsa", KEY),
    ("id_ecdsa_sk", KEY),
    ("id_ed25519", KEY),
    ("id_ed25519_sk", KEY),
    ("ssh_host_rsa_key", KEY),
    ("ssh_host_dsa_key", KEY),
    ("ssh_host_ecdsa_key", KEY),
    ("ssh_host_ed25519_key", KEY),
];

/// Files of names too common to mean much elsewhere, in the folder where a program keeps its secrets under them.
const IN_FOLDERS: &[(&str, &str, &str)] = &[
    (".aws", "credentials", TOKEN),
    (".cargo", "credentials", TOKEN),
    (".cargo", "credentials.toml", TOKEN),
    (".docker", "config.json", TOKEN),
    (".gem", "credentials", TOKEN),
    (".kube", "config", TOKEN),
    ("gh", "hosts.yml", TOKEN),
    (".streamlit", "secrets.toml", PASSWORDS),
    ("config", "master.key", KEY),
    ("etc", "shadow", PASSWORDS),
    ("etc", "shadow-", PASSWORDS),
    ("etc", "gshadow", PASSWORDS),
    ("etc", "gshadow-", PASSWORDS),
];

/// What follows the last dot of files that hold nothing but keys or passwords.
const ENDINGS: &[(&str, &str)] = &[
    ("kdbx", PASSWORDS),
    ("kdb", PASSWORDS),
    ("psafe3", PASSWORDS),
    ("1pux", PASSWORDS),
    ("keychain", PASSWORDS),
    ("keychain-db", PASSWORDS),
    ("p12", STORE),
    ("pfx", STORE),
    ("jks", STORE),
    ("jceks", STORE),
    ("keystore", STORE),
    ("ppk", KEY),
];

/// `.env.production` holds secrets; with one of these between its dots it shows what they look like.
const SAMPLES: &[&str] = &["example", "sample", "template", "dist", "defaults", "schema"];

/// What a file of this path holds, if its name alone says that it is secret.
///
/// ```
/// use indago::walk::secret_name;
///
/// assert_eq!(secret_name("/home/ann/.ssh/id_ed25519".as_ref()), Some("private key"));
/// assert_eq!(secret_name("/home/ann/.ssh/id_ed25519.pub".as_ref()), None);
/// ```
pub fn secret_name(path: &Path) -> Option<&'static str> {
    let mut parts = path.as_os_str().as_bytes().rsplit(|byte| *byte == b'/');
    let (name, folder) = (parts.next()?, parts.next().unwrap_or_default());
    let is = |bytes: &[u8], text: &str| bytes.eq_ignore_ascii_case(text.as_bytes());
    if let Some((_, what)) = NAMES.iter().find(|(known, _)| is(name, known)) {
        return Some(what);
    }
    if let Some((.., what)) = IN_FOLDERS.iter().find(|(within, known, _)| is(name, known) && is(folder, within)) {
        return Some(what);
    }
    let ending = &name[name.iter().rposition(|byte| *byte == b'.')? + 1..];
    if let Some((_, what)) = ENDINGS.iter().find(|(known, _)| is(ending, known)) {
        return Some(what);
    }
    let begins = |text: &str| name.get(..text.len()).is_some_and(|start| is(start, text));
    if begins(".env.") {
        let is_sample = |part: &[u8]| SAMPLES.iter().any(|sample| is(part, sample));
        return (!name.split(|byte| *byte == b'.').any(is_sample)).then_some(ENVIRONMENT);
    }
    // The name under which Google's console hands them out.
    (begins("client_secret_") && is(ending, "json")).then_some(TOKEN)
}

/// What a file with this content holds, if it is a private key: PEM, OpenSSH's, PGP's or PuTTY's.
///
/// The key may follow certificates and openssl's "Bag Attributes", and in a file called `*.pem` or `*.key` anything. A
/// text that quotes a key further down is none.
pub(crate) fn in_content(path: &Path, bytes: &[u8]) -> Option<&'static str> {
    if bytes.len() as u64 > MAX_KEY_BYTES {
        return None;
    }
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let is_pem = start.starts_with(b"-----BEGIN ") || start.starts_with(b"Bag Attributes") || {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| ending == "pem" || ending == "key")
    };
    let is_key = is_pem && start.split(|byte| *byte == b'\n').any(begins_key);
    (is_key || start.starts_with(b"PuTTY-User-Key-File-")).then_some(KEY)
}

/// Whether a line is the first of a private key: `-----BEGIN … PRIVATE KEY-----`, for PGP with ` BLOCK`.
fn begins_key(line: &[u8]) -> bool {
    let label = line.strip_prefix(b"-----BEGIN ").and_then(|rest| rest.trim_ascii_end().strip_suffix(b"-----"));
    label.is_some_and(|label| label.strip_suffix(b" BLOCK").unwrap_or(label).ends_with(b"PRIVATE KEY"))
}

/// What the file at `path` holds, if its name or its content says that it is secret. One that cannot be read is none.
pub(crate) fn of_file(path: &Path) -> Option<&'static str> {
    let content = || {
        let (file, metadata) = crate::read::open(path).ok()?;
        let mut bytes = Vec::new();
        if metadata.len() <= MAX_KEY_BYTES {
            file.take(MAX_KEY_BYTES).read_to_end(&mut bytes).ok()?;
        }
        in_content(path, &bytes)
    };
    secret_name(path).or_else(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_secrets_and_of_nothing_else() {
        let secrets = [
            "a/.env",
            "a/.env.production",
            ".env.local",
            "_netrc",
            "x/.pgpass",
            "ID_RSA",
            "id_ed25519_sk",
            "b/Safe.KDBX",
            "debug.keystore",
            "site.p12",
            "client_secret_12-ab.apps.json",
            ".aws/credentials",
            "/etc/shadow",
            "x/.docker/config.json",
            "rails/config/master.key",
            "credentials.json",
            "key.ppk",
        ];
        for path in secrets {
            assert!(secret_name(Path::new(path)).is_some(), "{path}");
        }
        let texts = [
            ".env.example",
            ".env.production.sample",
            "env",
            ".environment",
            "id_rsa.pub",
            "id_rsa.md",
            "netrc.txt",
            "credentials",
            "credentials.md",
            "aws/credentials",
            "shadow",
            "css/shadow",
            "config.json",
            "master.key",
            "secrets.yaml",
            "keystore",
            "keystore.rs",
            "password.txt",
            "cert.pem",
            "client_secret_of_success.txt",
            "kdbx",
            ".npmrc",
            "config",
            "hosts.yml",
            "/",
        ];
        for path in texts {
            assert_eq!(secret_name(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn a_private_key_is_told_from_a_text_that_quotes_one() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n";
        let certificate = "-----BEGIN CERTIFICATE-----\r\nMIID\r\n-----END CERTIFICATE-----\r\n";
        let keys = [
            ("a", key.to_string()),
            ("a.txt", format!("\u{feff}\n{key}")),
            ("a.txt", key.replace("RSA ", "")),
            ("a.txt", key.replace("RSA", "OPENSSH").replace('\n', "\r\n")),
            ("a.asc", key.replace("RSA", "PGP").replace("KEY", "KEY BLOCK")),
            ("a", format!("{certificate}{certificate}{key}")),
            ("a", format!("Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n{key}")),
            ("a.PEM", format!("subject=CN = example\n{key}")),
            ("a.txt", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n".into()),
        ];
        for (name, content) in keys {
            assert_eq!(in_content(Path::new(name), content.as_bytes()), Some(KEY), "{name}: {content}");
        }
        let texts = [
            ("a.md", format!("A key looks like this:\n{key}")),
            ("a.rs", format!("const KEY: &str = \"{key}\";")),
            ("a.pem", certificate.to_string()),
            ("a.txt", "-----BEGIN PGP SIGNED MESSAGE-----\nKeep your PRIVATE KEY-----\n".into()),
            ("a.txt", format!("{key}{}", "prose ".repeat(20_000))),
            ("a.key", "the key of C major\n".into()),
            ("a.pem", String::new()),
        ];
        for (name, content) in texts {
            assert_eq!(in_content(Path::new(name), content.as_bytes()), None, "{name}: {content:.80}");
        }
    }
}
