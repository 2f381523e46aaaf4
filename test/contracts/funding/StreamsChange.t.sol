// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Changes of a stream at their edges: a single unit that has accrued, and a change that frees nothing.

import {IStreams as I} from "../../../contracts/funding/IStreams.sol";
import {FundingBase, FundingToken} from "../support/FundingBase.t.sol";

contract CountingToken is FundingToken {
    uint256 public moves;

    function _update(address from, address to, uint256 value) internal override {
        ++moves;
        super._update(from, to, value);
    }
}

contract StreamsChangeTest is FundingBase {
    CountingToken private counting;

    function setUp() public override {
        super.setUp();
        counting = new CountingToken();
        streams = newStreams(address(counting));
        counting.mint(address(streams), 1_000);
        streams.create(alice, 300, START, START, START + 300, "one a second");
    }

    function test_a_single_unit_that_has_accrued_is_settled() public {
        vm.warp(START + 1);
        streams.change(1, 300, START + 600);
        I.Stream memory stream = streams.streamOf(1);
        assertTrue(stream.isSettled, "is settled");
        assertEq(stream.settled, 1, "settled");
        assertEq(streams.withdrawableOf(1), 1, "withdrawable in the same second");
        vm.warp(START + 600);
        assertEq(streams.withdrawableOf(1), 300, "in all");
    }

    function test_no_token_moves_where_a_change_frees_nothing() public {
        uint256 moves = counting.moves();
        streams.change(1, 300, START + 600);
        assertEq(counting.moves(), moves, "the end alone");
        streams.change(1, 301, START + 600);
        assertEq(counting.moves(), moves, "a raise");
        streams.change(1, 300, START + 600);
        assertEq(counting.moves(), moves + 1, "one unit less");
        assertEq(counting.balanceOf(treasury), 1, "returned");
        assertEq(streams.reserved(), 300, "reserved");
    }
}
