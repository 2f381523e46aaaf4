// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Whatever is voted, withdrawn and waited in whatever order: money in is money out, and nobody's accrual falls.

import {Streams} from "../../../contracts/funding/Streams.sol";
import {IStreams} from "../../../contracts/funding/IStreams.sol";
import {Base} from "../support/Base.t.sol";
import {FundingBase, FundingToken} from "../support/FundingBase.t.sol";

/// @dev Does what anyone may do, with arguments that make sense, so that no call is lost to a refusal.
contract StreamsHandler is Base {
    Streams private immutable streams;
    FundingToken private immutable token;
    address[3] public recipients = [account("one"), account("two"), account("three")];

    uint256 public funded;
    mapping(uint256 id => uint256) public accruedBefore;

    constructor(Streams streams_, FundingToken token_) {
        streams = streams_;
        token = token_;
    }

    /// @dev Afterwards no stream may have accrued less than before.
    modifier keepingAccruals() {
        for (uint256 id = 1; id <= streams.streamCount(); ++id) {
            accruedBefore[id] = streams.accruedOf(id, block.timestamp);
        }
        _;
    }

    function fund(uint256 amount) external keepingAccruals {
        amount = bound(amount, 1, 1e24);
        funded += amount;
        token.mint(address(streams), amount);
    }

    function create(uint256 who, uint256 total, uint256 start, uint256 cliff, uint256 length) external keepingAccruals {
        uint256 available = streams.available();
        if (available == 0 || streams.streamCount() == 12) return;
        uint40 from = uint40(bound(start, block.timestamp - 50 days, block.timestamp + 50 days));
        uint40 to = uint40(from + bound(length, 1, 200 days));
        uint40 middle = uint40(bound(cliff, from, to));
        streams.create(recipients[who % 3], uint96(bound(total, 1, available)), from, middle, to, "");
    }

    function withdraw(uint256 seed, uint256 amount) external keepingAccruals {
        uint256 id = _any(seed);
        uint256 due = streams.withdrawableOf(id);
        if (due == 0) return;
        address recipient = streams.streamOf(id).recipient;
        vm.prank(recipient);
        streams.withdraw(id, recipient, uint96(bound(amount, 1, due)));
    }

    function withdrawAll(uint256 seed) external keepingAccruals {
        uint256 id = _any(seed);
        if (streams.withdrawableOf(id) == 0) return;
        address recipient = streams.streamOf(id).recipient;
        vm.prank(recipient);
        streams.withdrawAll(id, recipient);
    }

    function change(uint256 seed, uint256 total, uint256 end) external keepingAccruals {
        uint256 id = _any(seed);
        IStreams.Stream memory stream = streams.streamOf(id);
        if (stream.state != IStreams.State.Live) return;
        uint256 first = stream.cliff > block.timestamp ? stream.cliff : block.timestamp;
        if (first == stream.start) ++first;
        end = bound(end, first + 1, first + 200 days);
        streams.change(id, uint96(bound(total, 0, stream.total + streams.available())), uint40(end));
    }

    function cancel(uint256 seed) external keepingAccruals {
        uint256 id = _any(seed);
        if (streams.streamOf(id).state == IStreams.State.Live) streams.cancel(id);
    }

    function move(uint256 seed, uint256 who) external keepingAccruals {
        uint256 id = _any(seed);
        address recipient = streams.streamOf(id).recipient;
        if (recipient == address(0)) return;
        vm.prank(recipient);
        streams.move(id, recipients[who % 3]);
    }

    function sweep(uint256 seed) external keepingAccruals {
        // Seldom, or there would be no money for anything else.
        if (seed % 4 == 0) streams.sweepSurplus();
    }

    function wait(uint256 time) external keepingAccruals {
        vm.warp(block.timestamp + bound(time, 1, 30 days));
    }

    /// @dev 0, which is no stream, as long as there is none.
    function _any(uint256 seed) private view returns (uint256) {
        uint256 count = streams.streamCount();
        return count == 0 ? 0 : 1 + (seed % count);
    }
}

contract StreamsInvariants is FundingBase {
    StreamsHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new StreamsHandler(streams, token);
        manager.grantRole(0, address(handler), 0);
        handler.fund(1e24);
        handler.create(0, 3e23, 0, 0, 100 days);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// hardhat-config: invariant.failOnRevert = true
    function invariant_what_is_reserved_is_what_is_owed_and_it_is_there() public view {
        uint256 owed = 0;
        for (uint256 id = 1; id <= streams.streamCount(); ++id) {
            IStreams.Stream memory stream = streams.streamOf(id);
            owed += stream.total - stream.withdrawn;
        }
        assertEq(streams.reserved(), owed, "reserved");
        assertTrue(token.balanceOf(address(streams)) >= owed, "solvent");
    }

    /// hardhat-config: invariant.failOnRevert = true
    function invariant_money_in_is_money_out() public view {
        uint256 found = token.balanceOf(address(streams)) + token.balanceOf(treasury);
        for (uint256 i = 0; i < 3; ++i) found += token.balanceOf(handler.recipients(i));
        assertEq(found, handler.funded(), "paid, returned and held");
        uint256 withdrawn = 0;
        for (uint256 id = 1; id <= streams.streamCount(); ++id) withdrawn += streams.streamOf(id).withdrawn;
        uint256 paid = handler.funded() - token.balanceOf(address(streams)) - token.balanceOf(treasury);
        assertEq(withdrawn, paid, "recipients got what their streams say");
    }

    /// hardhat-config: invariant.failOnRevert = true
    function invariant_no_call_takes_what_has_accrued() public view {
        for (uint256 id = 1; id <= streams.streamCount(); ++id) {
            IStreams.Stream memory stream = streams.streamOf(id);
            uint256 accrued = streams.accruedOf(id, block.timestamp);
            assertTrue(accrued >= handler.accruedBefore(id), "never falls");
            assertTrue(stream.withdrawn <= accrued, "nothing is paid early");
            assertTrue(accrued <= stream.total, "nor beyond the total");
            assertEq(streams.accruedOf(id, stream.end), stream.total, "and at the end it is the total");
        }
    }
}
