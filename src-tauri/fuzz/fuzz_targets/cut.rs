#![no_main]

mod one;

program!("cut");
