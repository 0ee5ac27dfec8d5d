//! `review`: what it says is what databases do, in every format, and for everybody.

mod agree;
mod page;
mod site;
