#![no_main]

mod one;

program!("pages");
