#![no_main]

mod one;

program!("sniff");
