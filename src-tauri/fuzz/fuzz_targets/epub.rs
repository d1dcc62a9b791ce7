#![no_main]

mod one;

program!("epub");
