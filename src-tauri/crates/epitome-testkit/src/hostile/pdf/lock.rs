//! Locks of PDF files: RC4 with 128 bits (revision 3) and AES with 256 bits (revision 6), as ISO 32000-2, 7.6 has them.

use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};
use md5::Md5;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// The owner's password of every lock made here.
const OWNER: &[u8] = b"the owner's own";
/// Nothing is allowed but to read.
const RIGHTS: i32 = -3904;
/// What fills a password up (ISO 32000-2, 7.6.4.3.2).
const FILL: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00,
    0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];

/// A key, and what the file says of it.
pub struct Lock {
    key: Vec<u8>,
    dictionary: Vec<u8>,
    aes: bool,
}

impl Lock {
    pub const ID: [u8; 16] = *b"a file's own tag";

    /// Opens with the password `user`; an empty one opens for everybody.
    pub fn rc4(user: &[u8]) -> Self {
        let owner = (0..50).fold(md5(&filled(OWNER)), |key, _| md5(&key));
        let o = (0..20).fold(filled(user).to_vec(), |text, round| rc4(&turned(&owner, round), &text));
        let start = [&filled(user)[..], &o, &RIGHTS.to_le_bytes(), &Self::ID].concat();
        let key = (0..50).fold(md5(&start), |key, _| md5(&key));
        let mark = md5(&[&FILL[..], &Self::ID].concat());
        let mut u = (0..20).fold(mark, |text, round| rc4(&turned(&key, round), &text));
        u.resize(32, 0);
        let dictionary = format!("<</Filter/Standard/V 2/R 3/Length 128/P {RIGHTS}/O{}/U{}>>", hex(&o), hex(&u));
        Self { key, dictionary: dictionary.into_bytes(), aes: false }
    }

    pub fn aes(user: &[u8]) -> Self {
        let key = *b"thirty-two bytes that are a key.";
        let entry = |password: &[u8], other: &[u8]| {
            let check = hash(password, b"checking", other);
            let opened = cbc::<Aes256>(&hash(password, b"opening!", other), &[0; 16], &key);
            ([&check[..], b"checking", b"opening!"].concat(), opened)
        };
        let (u, user_key) = entry(user, &[]);
        let (o, owner_key) = entry(OWNER, &u);
        let rights = [&RIGHTS.to_le_bytes()[..], &[0xFF; 4], b"Tadbsalt"].concat();
        let rights = cbc::<Aes256>(&key, &[0; 16], &rights);
        let dictionary = format!(
            "<</Filter/Standard/V 5/R 6/Length 256/P {RIGHTS}/O{}/U{}/OE{}/UE{}/Perms{}/CF<</StdCF<</CFM/AESV3/AuthEvent/DocOpen/Length 32>>>>/StmF/StdCF/StrF/StdCF>>",
            hex(&o),
            hex(&u),
            hex(&owner_key),
            hex(&user_key),
            hex(&rights)
        );
        Self { key: key.to_vec(), dictionary: dictionary.into_bytes(), aes: true }
    }

    pub fn dictionary(&self) -> Vec<u8> {
        self.dictionary.clone()
    }

    /// Content of the stream of that number, behind the lock.
    pub fn packed(&self, number: u8, content: &[u8]) -> Vec<u8> {
        if !self.aes {
            return rc4(&md5(&[&self.key[..], &[number, 0, 0, 0, 0]].concat()), content);
        }
        let start = *b"sixteen at start";
        let rest = 16 - content.len() % 16;
        let whole = [content, &vec![u8::try_from(rest).unwrap_or(16); rest]].concat();
        [&start[..], &cbc::<Aes256>(&self.key, &start, &whole)].concat()
    }
}

fn hex(bytes: &[u8]) -> String {
    format!("<{}>", bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>())
}

fn filled(password: &[u8]) -> [u8; 32] {
    let mut bytes = FILL;
    let all: Vec<u8> = password.iter().chain(&FILL).copied().take(32).collect();
    bytes.copy_from_slice(&all);
    bytes
}

fn turned(key: &[u8], round: u8) -> Vec<u8> {
    key.iter().map(|byte| byte ^ round).collect()
}

fn md5(bytes: &[u8]) -> Vec<u8> {
    Md5::digest(bytes).to_vec()
}

fn rc4(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut state: Vec<u8> = (0..=255).collect();
    let mut other = 0_u8;
    for at in 0..256 {
        other = other.wrapping_add(state[at]).wrapping_add(key[at % key.len()]);
        state.swap(at, other.into());
    }
    let (mut at, mut other) = (0_u8, 0_u8);
    let mut next = || {
        at = at.wrapping_add(1);
        other = other.wrapping_add(state[usize::from(at)]);
        state.swap(at.into(), other.into());
        state[usize::from(state[usize::from(at)].wrapping_add(state[usize::from(other)]))]
    };
    text.iter().map(|byte| byte ^ next()).collect()
}

/// AES in chained blocks, without filling.
fn cbc<C: KeyInit + BlockCipherEncrypt>(key: &[u8], start: &[u8], text: &[u8]) -> Vec<u8> {
    let Ok(cipher) = C::new_from_slice(key) else { return Vec::new() };
    let mut last = start.to_vec();
    let mut out = Vec::with_capacity(text.len());
    for block in text.chunks_exact(16) {
        let mixed: Vec<u8> = block.iter().zip(&last).map(|(a, b)| a ^ b).collect();
        let Ok(mut block) = Array::try_from(mixed.as_slice()) else { return Vec::new() };
        cipher.encrypt_block(&mut block);
        last = block.to_vec();
        out.extend(&last);
    }
    out
}

/// Algorithm 2.B of ISO 32000-2, 7.6.4.3.4.
fn hash(password: &[u8], salt: &[u8], other: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest([password, salt, other].concat()).to_vec();
    for round in 1.. {
        let text = [password, &key, other].concat().repeat(64);
        let mixed = cbc::<Aes128>(&key[..16], &key[16..32], &text);
        key = match mixed[..16].iter().map(|byte| u32::from(*byte)).sum::<u32>() % 3 {
            0 => Sha256::digest(&mixed).to_vec(),
            1 => Sha384::digest(&mixed).to_vec(),
            _ => Sha512::digest(&mixed).to_vec(),
        };
        if round >= 64 && mixed.last().is_none_or(|last| u32::from(*last) <= round - 32) {
            break;
        }
    }
    key.truncate(32);
    key
}
