#![no_main]

mod one;

program!("html");
