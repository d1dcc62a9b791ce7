#![no_main]

mod one;

program!("fb2");
