//! The usual packing of Kindle text, a byte-wise LZ77. For the Kindle reader.
//! Layout: <https://wiki.mobileread.com/wiki/PalmDOC#PalmDoc_byte_pair_compression>.

/// Appends the text of `record` to `out`; `None` where it refers to text before its own start.
pub fn unpack(record: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    let mut rest = record;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            1..=8 => {
                let (literal, after) = rest.split_at(rest.len().min(byte.into()));
                out.extend_from_slice(literal);
                rest = after;
            }
            0x80..=0xBF => {
                let Some((&low, after)) = rest.split_first() else { break };
                rest = after;
                let pair = u16::from_be_bytes([byte & 0x3F, low]);
                let (distance, length) = (usize::from(pair >> 3), usize::from(pair & 7) + 3);
                let from = out.len().checked_sub(distance).filter(|from| *from >= start && distance > 0)?;
                // A stretch may overlap what it makes.
                for at in from..from + length {
                    out.push(out[at]);
                }
            }
            0xC0..=0xFF => out.extend([b' ', byte ^ 0x80]),
            literal => out.push(literal),
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(record: &[u8]) -> Option<Vec<u8>> {
        let mut out = b"earlier".to_vec();
        unpack(record, &mut out).map(|()| out[7..].to_vec())
    }

    #[test]
    fn literals_pairs_and_blanks_are_unpacked() {
        // "ab", then six bytes from two back, then a blank with "c", then the literal bytes 0x80 and 0x01.
        assert_eq!(unpacked(b"ab\x80\x13\xE3\x02\x80\x01\0").unwrap(), b"abababab c\x80\x01\0");
        assert_eq!(unpacked(b"ab\x03c").unwrap(), b"abc");
    }

    #[test]
    fn a_reference_before_the_record_is_damage() {
        assert_eq!(unpacked(b"a\x80\x13"), None);
        assert_eq!(unpacked(b"a\x80\x03"), None);
    }
}
