//! The fuzz targets on their seeds, and on seeds with changed bytes. The changes are the same in
//! each run.

#[allow(unreachable_pub, reason = "it is the library of another crate")]
#[path = "../../fuzz/src/lib.rs"]
mod targets;

/// The number of changed inputs for each target, unless the variable sets another.
const CHANGED_INPUTS: u64 = 40;
const INPUTS_VAR: &str = "DATELINE_FUZZ_INPUTS";

/// A generator of numbers (Marsaglia, "Xorshift RNGs", 2003).
struct Xorshift(u64);

impl Xorshift {
    fn next(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Returns a seed of which some bytes are replaced, removed, repeated, or from another seed.
fn change(seeds: &[&[u8]], numbers: &mut Xorshift) -> Vec<u8> {
    let mut bytes = seeds[numbers.next(seeds.len())].to_vec();
    for _ in 0..=numbers.next(4) {
        let position = numbers.next(bytes.len());
        let end = (position + numbers.next(16)).min(bytes.len());
        match numbers.next(5) {
            0 => bytes.truncate(position),
            1 => drop(bytes.drain(position..end)),
            2 => {
                let repeated = bytes[position..end].to_vec();
                bytes.splice(position..position, repeated);
            }
            3 => {
                let other = seeds[numbers.next(seeds.len())];
                let start = numbers.next(other.len());
                let until = (start + numbers.next(64)).min(other.len());
                bytes.splice(position..position, other[start..until].iter().copied());
            }
            _ => bytes.iter_mut().skip(position).take(1).for_each(|byte| {
                *byte = [0, 1, 0x7f, 0xff, b'<', b'"', b'\n'][numbers.next(7)];
            }),
        }
    }
    bytes
}

/// Runs a target on its seeds, and on changed ones.
fn run_target(name: &str) {
    let count = std::env::var(INPUTS_VAR).ok().and_then(|count| count.parse().ok());
    let target = targets::TARGETS.iter().find(|target| target.name == name);
    let target = target.expect("the target exists");
    target.seeds.iter().for_each(|seed| (target.run)(seed));
    let mut numbers = Xorshift(0x2545_f491_4f6c_dd1d);
    for number in 0..count.unwrap_or(CHANGED_INPUTS) {
        let bytes = change(target.seeds, &mut numbers);
        let outcome = std::panic::catch_unwind(|| (target.run)(&bytes));
        let text = bytes.escape_ascii();
        assert!(outcome.is_ok(), "{name}, input {number}: {text}");
    }
}

#[test]
fn front_matter() {
    run_target("front_matter");
}

#[test]
fn yaml_fixes() {
    run_target("yaml_fixes");
}

#[test]
fn markdown_to_html() {
    run_target("markdown_to_html");
}

#[test]
fn image_metadata() {
    run_target("image_metadata");
}

#[test]
fn template_dependencies() {
    run_target("template_dependencies");
}

#[test]
fn http_range() {
    run_target("http_range");
}

#[test]
fn cache_decoding() {
    run_target("cache_decoding");
}

#[test]
fn permalink_registry() {
    run_target("permalink_registry");
}

#[test]
fn redaction() {
    run_target("redaction");
}
