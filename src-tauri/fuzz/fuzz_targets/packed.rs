#![no_main]

mod one;

program!("packed");
