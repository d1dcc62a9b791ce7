#![no_main]

mod one;

program!("wire");
