//! The two sets of flags a packet carries: how it was wrapped, and what is odd about it.

use core::fmt;

macro_rules! bits {
    ($(#[$meta:meta])* $name:ident : $int:ty { $($(#[$vmeta:meta])* $flag:ident = $bit:literal, $word:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $int);

        impl $name {
            $($(#[$vmeta])* pub const $flag: $name = $name(1 << $bit);)*
            /// Nothing set.
            pub const NONE: $name = $name(0);
            /// Every flag with its word, in bit order.
            pub const ALL: &'static [($name, &'static str)] = &[$(($name::$flag, $word)),*];

            /// True when nothing is set.
            #[inline]
            pub const fn is_empty(self) -> bool { self.0 == 0 }

            /// True when every flag of `other` is set.
            #[inline]
            pub const fn has(self, other: $name) -> bool { self.0 & other.0 == other.0 }

            /// Sets the flags of `other`.
            #[inline]
            pub fn set(&mut self, other: $name) { self.0 |= other.0; }

            /// The `snake_case` words of what is set, in bit order.
            pub fn names(self) -> impl Iterator<Item = &'static str> {
                Self::ALL.iter().filter(move |(flag, _)| self.has(*flag)).map(|(_, word)| *word)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.debug_set().entries(self.names()).finish() }
        }
    };
}

bits! {
    /// Which wrappings were taken off to reach the packet.
    Tunnel: u32 {
        /// MPLS label stack (RFC 3032).
        MPLS = 0, "mpls";
        /// Ethernet pseudowire over MPLS (RFC 4448).
        PSEUDOWIRE = 1, "pseudowire";
        /// Generic routing encapsulation (RFC 2784, RFC 2890).
        GRE = 2, "gre";
        /// Encapsulated remote SPAN, type I, II or III.
        ERSPAN = 3, "erspan";
        /// VXLAN (RFC 7348).
        VXLAN = 4, "vxlan";
        /// Parallel redundancy trailer (IEC 62439-3).
        PRP = 5, "prp";
        /// Seamless redundancy tag (IEC 62439-3).
        HSR = 6, "hsr";
        /// PPPoE session (RFC 2516).
        PPPOE = 7, "pppoe";
        /// IPv4 in IP (RFC 2003) or in IPv6 (RFC 2473).
        IP4 = 8, "ip4_in_ip";
        /// IPv6 in IPv4 (RFC 4213) or in IPv6 (RFC 2473).
        IP6 = 9, "ip6_in_ip";
        /// Frame replication tag (IEEE 802.1CB).
        RTAG = 10, "rtag";
        /// Provider backbone bridge service tag (IEEE 802.1ah).
        PBB = 11, "pbb";
        /// Virtual interface tag (VN-Tag).
        VNTAG = 12, "vntag";
        /// Geneve (RFC 8926).
        GENEVE = 13, "geneve";
        /// Cisco FabricPath, whose outer addresses are switch numbers.
        FABRIC_PATH = 14, "fabric_path";
        /// GPRS tunnelling protocol, user plane (3GPP TS 29.281).
        GTP = 15, "gtp";
        /// Teredo (RFC 4380).
        TEREDO = 16, "teredo";
        /// Layer two tunnelling protocol (RFC 2661).
        L2TP = 17, "l2tp";
        /// Point-to-point tunnelling protocol (RFC 2637).
        PPTP = 18, "pptp";
        /// Wireless access points and their controller (RFC 5415).
        CAPWAP = 19, "capwap";
    }
}

bits! {
    /// What about a packet is against its standard, or unusual enough to be a fact.
    Odd: u32 {
        /// A header is not complete in the capture.
        HEADER_CUT = 0, "header_cut";
        /// IP version field contradicts the protocol that announced it.
        IP_VERSION = 1, "ip_version";
        /// IPv4 header length below 20 bytes.
        IP_HEADER_LENGTH = 2, "ip_header_length";
        /// IPv4 total length below the header length.
        IP_LENGTH_SHORT = 3, "ip_length_short";
        /// IP length says more than was on the wire.
        IP_LENGTH_LONG = 4, "ip_length_long";
        /// Loose or strict source route (RFC 791), or routing header type 0 (RFC 5095).
        SOURCE_ROUTE = 5, "source_route";
        /// Chain of IPv6 extension headers too long or broken.
        EXTENSION_HEADERS = 6, "extension_headers";
        /// Fragments overlapped; the bytes that arrived first were kept.
        FRAGMENT_OVERLAP = 7, "fragment_overlap";
        /// Overlapping fragments disagreed about the bytes.
        FRAGMENT_CONFLICT = 8, "fragment_conflict";
        /// A fragment that is not the last carries less than any transport header needs (RFC 1858).
        FRAGMENT_TINY = 9, "fragment_tiny";
        /// A fragment reaches beyond the end of its datagram, or beyond 65535 bytes (then it is shown alone).
        FRAGMENT_TOO_LONG = 10, "fragment_too_long";
        /// First fragment shown alone: the capture's snap length cut it, so the datagram can never be whole.
        FRAGMENT_CUT = 11, "fragment_cut";
        /// TCP data offset below 20 bytes or beyond the segment.
        TCP_DATA_OFFSET = 12, "tcp_data_offset";
        /// TCP flags no connection uses: none, SYN with FIN or RST, FIN-PSH-URG.
        TCP_FLAGS = 13, "tcp_flags";
        /// UDP length below 8 or beyond the datagram.
        UDP_LENGTH = 14, "udp_length";
        /// Source address and port equal the destination's ("land").
        LAND = 15, "land";
        /// Source address is a group or broadcast address.
        SOURCE_GROUP = 16, "source_group";
        /// Wrapped deeper than is followed.
        NESTING = 17, "nesting";
        /// A tunnel header is broken or not known; the outer packet is shown.
        TUNNEL_HEADER = 18, "tunnel_header";
        /// IEEE 802.3 length says more than the frame holds.
        LLC_LENGTH = 19, "llc_length";
        /// TCP or UDP port 0.
        PORT_ZERO = 20, "port_zero";
    }
}
