#![no_main]

mod one;

program!("mobi");
