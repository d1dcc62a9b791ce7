#![no_main]

mod one;

program!("text");
