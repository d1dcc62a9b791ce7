#![no_main]

mod one;

program!("markdown");
