#![no_main]

mod one;

program!("pdf-outline");
